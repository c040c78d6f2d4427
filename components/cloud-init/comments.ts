/**
 * Whole lines of comment and indentation stay at home: commands are small. Unit tests prove that
 * nothing else goes.
 *
 * @param text A script, unit or other file.
 * @param mark What a comment begins with.
 * @returns The same without its comments, empty lines and indentation.
 */
export function withoutComments(text: string, mark: "#" | "//" = "#"): string {
    const comment = mark === "#" ? "#(?!!)" : "//";
    return text
        .replaceAll(new RegExp(`^[ \\t]*(${comment}.*)?\\n`, "gm"), "")
        .replaceAll(/^[ \t]+/gm, "");
}
