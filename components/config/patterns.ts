/** A name that becomes part of other names: of resources, machines and units. */
export const NAME = /^[a-z][a-z0-9-]{0,19}$/;

/** The same in words, to follow "must be". */
export const NAME_IN_WORDS =
    "1 to 20 lower-case letters, digits and hyphens, starting with a letter";

/** Where something answers over HTTP. */
export const URL_WITH_PATH = /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[A-Za-z0-9._~/-]*)?$/;

/** The same in words, to follow "must be". */
export const URL_IN_WORDS = "an http or https URL without user, query or fragment";
