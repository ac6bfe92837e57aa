// Names of the library's options: the table's, in camelCase, nested where a path has groups.

type Camel<S extends string> = S extends `${infer A}_${infer B}` ? `${A}${Capitalize<Camel<B>>}` : S

/** `keep_label` as a type: `keepLabel`. */
export type OptionName<S extends string> = Camel<S>

/** `rate_limit.samples_per_second` → `rateLimit.samplesPerSecond`. */
export const optionName = (path: string): string => path.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase())
