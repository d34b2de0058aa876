import { ChevronRight } from 'lucide-react'
import { Card } from '#src/components/ui/card.tsx'
import { templates, type Template } from './templates.ts'

/** What to begin with where nothing is written yet: one press takes a template, its files too. */
export function TemplateList({ onChoose }: { readonly onChoose: (template: Template) => void }) {
  return (
    <Card title="What would happen" isFlush>
      <p className="px-4 py-3 text-soft">
        The plan appears here as you write a YAML. Or begin with one that runs as it is:
      </p>
      <ul aria-label="Examples to begin with" className="divide-y divide-line border-t border-line">
        {templates.map((template) => (
          <li key={template.id}>
            <button
              type="button"
              onClick={() => onChoose(template)}
              className="flex w-full items-center gap-3 px-4 py-2 text-left hover:bg-sunken focus-visible:-outline-offset-2"
            >
              <span className="min-w-0 flex-1">
                <span className="block font-medium">{template.label}</span>
                <span className="block text-[0.9rem] text-soft">{template.says}</span>
              </span>
              <ChevronRight aria-hidden className="size-4 shrink-0 text-soft" />
            </button>
          </li>
        ))}
      </ul>
    </Card>
  )
}
