import { z } from "zod";

import { RESTARTS } from "./changing";
import { field } from "./field";

/** What a relay shows to browsers. */
export const homeSchema = field(
    z
        .union([
            z.enum(["blank", "page"]),
            z.string().regex(/^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[A-Za-z0-9._~/-]*)?$/),
        ])
        .default("blank"),
    {
        description:
            "What a browser sees at the relay's address. `blank`: nothing. `page`: derper's page, whose text " +
            "scanners look for to find relays. A URL: a redirect to it.",
        expected: '"blank", "page" or an https URL without user, query or fragment',
        example: "blank",
        changing: RESTARTS,
        default: "blank",
    },
);
