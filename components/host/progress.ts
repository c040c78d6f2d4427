/** How often a long step says that it is still at work where no terminal shows it, in ms. */
const REPEAT_AFTER = 15_000;

/**
 * Shows that a step is at work, and for how long it has been, on standard error.
 *
 * @param title What is done, such as `building the Pulumi CLI`.
 * @param work Does it; may call `say` with what it is at.
 * @returns What the work returned.
 */
export async function step<T>(
    title: string,
    work: (say: (detail: string) => void) => Promise<T>,
): Promise<T> {
    const begun = Date.now();
    let detail = "";
    const line = (mark: string) =>
        `${mark} ${title} (${seconds(begun)})${detail === "" ? "" : `: ${detail}`}`;
    const seen = { line: false };
    const timer = setInterval(
        () => {
            seen.line = true;
            write(line("...."));
        },
        process.stderr.isTTY ? 1000 : REPEAT_AFTER,
    );
    try {
        const result = await work((text) => {
            detail = text;
        });
        // What was done at once needs no line, unless it has something to tell.
        if (seen.line || detail !== "" || Date.now() - begun > 1000) {
            end(line("done"));
        }
        return result;
    } catch (error) {
        end(line("fail"));
        throw error;
    } finally {
        clearInterval(timer);
    }
}

function write(line: string): void {
    if (process.stderr.isTTY) {
        const width = process.stderr.columns;
        process.stderr.write(`\r\u001B[K${line.slice(0, width - 1)}`);
    } else {
        process.stderr.write(`${line}\n`);
    }
}

function end(line: string): void {
    process.stderr.write(process.stderr.isTTY ? `\r\u001B[K${line}\n` : `${line}\n`);
}

function seconds(since: number): string {
    return `${String(Math.round((Date.now() - since) / 1000))} s`;
}
