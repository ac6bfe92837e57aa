// What a file in Alloy's configuration language says, as a tree. Every node knows where in the text it stands, in
// UTF-16 offsets; nothing is evaluated, and nothing of the text is lost that the printer needs.

import type { Span } from '../../config/source-file.ts'

export interface File {
  /** As people named it. */
  readonly name: string
  readonly text: string
  readonly body: Body
  /** All of them, in order; neighbouring lines are one group. */
  readonly comments: readonly CommentGroup[]
}

export type CommentGroup = readonly Comment[]

export interface Comment extends Span {
  /** With its marks; of a line comment without the line break. */
  readonly text: string
}

export type Body = readonly Statement[]
export type Statement = Attribute | Block

export interface Identifier extends Span {
  readonly name: string
}

/** `name = value` */
export interface Attribute extends Span {
  readonly kind: 'attribute'
  readonly name: Identifier
  readonly value: Expression
}

/** `prometheus.remote_write "label" { … }` */
export interface Block extends Span {
  readonly kind: 'block'
  /** `['prometheus', 'remote_write']` */
  readonly name: readonly string[]
  readonly nameSpan: Span
  /** Without its quotes; undefined: there is none. */
  readonly label: string | undefined
  readonly labelSpan: Span | undefined
  readonly body: Body
  /** Offsets of the braces. */
  readonly open: number
  readonly close: number
}

export type Expression =
  | Literal
  | Reference
  | ArrayExpression
  | ObjectExpression
  | Access
  | Index
  | Call
  | Unary
  | Binary
  | Parentheses

export interface Literal extends Span {
  readonly kind: 'literal'
  readonly type: 'number' | 'float' | 'string' | 'bool' | 'null'
  /** As written: with quotes or backticks. */
  readonly text: string
}

/** A name by itself: the head of `a.b.c`, a variable, a function of the standard library. */
export interface Reference extends Span {
  readonly kind: 'reference'
  readonly name: string
}

export interface ArrayExpression extends Span {
  readonly kind: 'array'
  readonly elements: readonly Expression[]
}

export interface ObjectExpression extends Span {
  readonly kind: 'object'
  readonly fields: readonly ObjectField[]
}

export interface ObjectField {
  /** `name`: without quotes, nothing else undone. */
  readonly key: Identifier
  readonly isQuoted: boolean
  readonly value: Expression
}

/** `of.name` */
export interface Access extends Span {
  readonly kind: 'access'
  readonly of: Expression
  readonly name: Identifier
}

/** `of[index]` */
export interface Index extends Span {
  readonly kind: 'index'
  readonly of: Expression
  readonly index: Expression
}

export interface Call extends Span {
  readonly kind: 'call'
  readonly of: Expression
  readonly args: readonly Expression[]
}

export interface Unary extends Span {
  readonly kind: 'unary'
  readonly operator: '!' | '-'
  readonly operand: Expression
}

export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' | '^'

export interface Binary extends Span {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  /** Offset of the operator. */
  readonly operatorAt: number
  readonly left: Expression
  readonly right: Expression
}

export interface Parentheses extends Span {
  readonly kind: 'parentheses'
  readonly inner: Expression
}
