/** This program's version, compared with what the schema asks for. */
export const programVersion = '0.1.0'
