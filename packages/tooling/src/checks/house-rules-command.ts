import { houseRuleFindings } from './house-rules.ts'

const findings = houseRuleFindings()
for (const finding of findings) console.error(finding)
if (findings.length > 0) process.exitCode = 1
