import { enums, tables, unions } from "./generated/tflite.ts";

/** Name of a table of the `.tflite` schema. */
export type TableName = keyof typeof tables;
/** Name of an enumeration of the `.tflite` schema. */
export type EnumName = keyof typeof enums;
/** Name of a value of enumeration `E`. */
export type EnumValue<E extends EnumName> = (typeof enums)[E]["names"][number];
/** Name of a builtin operator, e.g. `"CONV_2D"`. */
export type BuiltinName = EnumValue<"BuiltinOperator">;
/** Name of a table that holds the options of a builtin operator. */
export type OptionsTable = Exclude<(typeof unions)["BuiltinOptions" | "BuiltinOptions2"][number], "NONE">;

interface Scalars {
  byte: number;
  ubyte: number;
  short: number;
  ushort: number;
  int: number;
  uint: number;
  long: number | bigint;
  ulong: number | bigint;
  float: number;
  double: number;
  bool: boolean;
  string: string;
}
type Element<T extends string> = T extends keyof Scalars
  ? Scalars[T]
  : T extends EnumName
    ? EnumValue<T>
    : T extends TableName
      ? Fields<T>
      : T extends keyof typeof unions
        ? { readonly table: string; readonly fields: Readonly<Record<string, unknown>> }
        : never;
type Content<T extends string> = T extends "[ubyte]"
  ? Uint8Array
  : T extends `[${infer E}]`
    ? readonly Element<E>[]
    : Element<T>;
type Slot<T extends TableName> = Extract<(typeof tables)[T][number], readonly [string, string, ...unknown[]]>;

/** What a table of the schema holds, with the schema's own field names: enumerations by name, absent fields left out. */
export type Fields<T extends TableName> = { readonly [F in Slot<T> as F[0]]?: Content<F[1]> };
/** {@link Fields} of a table that is known only at run time. */
export type AnyFields = Readonly<Record<string, unknown>>;

/** A slot of a table at run time. */
export interface FieldInfo {
  readonly slot: number;
  readonly name: string;
  /** Scalar, `string`, enumeration, table or union, without the brackets of a vector. */
  readonly type: string;
  readonly vector: boolean;
  readonly fallback: number | boolean;
  readonly align: number;
}

const cache = new Map<TableName, ReadonlyMap<string, FieldInfo>>();
/** The fields of `table` by name. */
export function fieldsOf(table: TableName): ReadonlyMap<string, FieldInfo> {
  let fields = cache.get(table);
  if (!fields) {
    const slots: readonly (readonly [string, string, (number | boolean)?, number?] | null)[] = tables[table];
    fields = new Map(
      slots.flatMap((slot, index) => {
        if (!slot) return [];
        const [name, type, fallback = 0, align = 1] = slot;
        const vector = type.startsWith("[");
        return [
          [name, { slot: index, name, type: vector ? type.slice(1, -1) : type, vector, fallback, align }] as const,
        ];
      }),
    );
    cache.set(table, fields);
  }
  return fields;
}

export const isTable = (type: string): type is TableName => Object.hasOwn(tables, type);
export const isEnum = (type: string): type is EnumName => Object.hasOwn(enums, type);
export const isUnion = (type: string): type is keyof typeof unions => Object.hasOwn(unions, type);
/** Names of an enumeration's values, in the order of the values. */
export const enumNames = (type: EnumName): readonly string[] => enums[type].names;
/** Tables of a union by discriminator; the first one is `NONE`. */
export const unionTables = (type: keyof typeof unions): readonly string[] => unions[type];
/** The scalar that stands for `type` on the wire. */
export const wireType = (type: string): string => (isEnum(type) ? enums[type].base : type);
