/** A working folder that cannot be taken or did not arrive; the message is for a person. */
export class FolderProblem extends Error {}
