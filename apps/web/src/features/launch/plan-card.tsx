import type { ServiceCheckView } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { KeyValues } from '#src/components/ui/key-values.tsx'
import { plural } from '#src/format/quantity.ts'
import { notElsewhereText, placeText, replicasText, sizeText } from './plan-text.ts'
import { TemplateList } from './templates/template-list.tsx'
import type { Template } from './templates/templates.ts'
import { UpdatePlan } from './update-plan.tsx'
import type { Wish } from './use-launch.ts'

/** What would happen with the text as it stands. */
export function PlanCard({
  wish,
  check,
  isOld,
  onTemplate,
}: {
  readonly wish: Wish
  readonly check: ServiceCheckView | undefined
  /** True while the newest text is with the parser. */
  readonly isOld: boolean
  readonly onTemplate: (template: Template) => void
}) {
  return (
    <div aria-busy={isOld}>
      {check === undefined ? (
        wish.yaml.trim() === '' ? (
          <TemplateList onChoose={onTemplate} />
        ) : isOld ? (
          <div className="skeleton h-40" />
        ) : null
      ) : check.spec === undefined ? (
        <Card title="What would happen">
          <p className="text-soft">
            Nothing: the YAML has errors. Each is listed below the editor with its line.
          </p>
        </Card>
      ) : check.living === null || check.living === undefined ? (
        <NewServicePlan wish={wish} spec={check.spec} />
      ) : check.living.isGoing ? (
        <Card title={`${check.spec.name} is being shut down`}>
          <p className="text-soft">Wait until it is gone, or choose another name.</p>
        </Card>
      ) : (
        <UpdatePlan wish={wish} check={check} isOld={isOld} />
      )}
    </div>
  )
}

function NewServicePlan({
  wish,
  spec,
}: {
  readonly wish: Wish
  readonly spec: NonNullable<ServiceCheckView['spec']>
}) {
  const { task, service } = spec
  const { resources, workdir } = task
  return (
    <Card title={`A new service: ${spec.name}`}>
      <KeyValues
        rows={[
          { key: 'Replicas', value: replicasText(spec) },
          { key: 'Where', value: placeText(resources) },
          { key: 'Each', value: sizeText(resources) },
          { key: 'Not elsewhere', value: notElsewhereText(resources) },
          {
            key: 'Endpoint',
            value: `The first free port from 30001 on, kept for life${service.tls === undefined ? '' : ', with TLS'}`,
          },
          { key: 'Ready when', value: `GET ${service.readinessProbe.path} answers 200` },
          ...(workdir === undefined ? [] : [{ key: 'Files', value: filesText(wish, workdir) }]),
          ...(service.schedule === undefined
            ? []
            : [
                {
                  key: 'Off-hours',
                  value: `${plural(service.schedule.replicas, 'replica')}, on the clock of ${service.schedule.timeZone}`,
                },
              ]),
        ]}
      />
    </Card>
  )
}

function filesText({ folder }: Wish, workdir: string): string {
  if (folder === null) return `${workdir}: not chosen yet`
  return `${plural(folder.files.length, 'file')} of ${folder.label}, as ${workdir}`
}
