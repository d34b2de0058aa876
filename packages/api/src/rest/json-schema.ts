/** JSON Schema 2020-12, as far as this API uses it. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly enum?: readonly (string | number | boolean | null)[]
  readonly [keyword: string]: unknown
}

/** What the procedures answer, read out of their types: written by `npm run reference -w @skykeep/api`. */
export interface ResponseSchemas {
  /** By name of the procedure; null: it answers nothing. Of a stream: one message. */
  readonly procedures: Readonly<Record<string, JsonSchema | null>>
  /** Named types, which the others point to as `#/components/schemas/NAME`. */
  readonly definitions: Readonly<Record<string, JsonSchema>>
}
