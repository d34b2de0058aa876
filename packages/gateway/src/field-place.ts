/** Where the last field of one name stands in a head's text; used again for every head, so that noting it allocates nothing. */
export class FieldPlace {
  /** How many fields have the name; 0: the positions say nothing. */
  count = 0
  lineStart = 0
  valueStart = 0
  valueEnd = 0
  lineEnd = 0
}
