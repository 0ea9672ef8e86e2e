// A Bicep file as declarations.
import { parseTree } from './tree.mjs';

/** The kinds of declarations whose names are one scope. */
const kinds = {
    parameter_declaration: 'param',
    variable_declaration: 'var',
    resource_declaration: 'resource',
    module_declaration: 'module',
    type_declaration: 'type',
    output_declaration: 'output',
};

/**
 * Reads a tree into { path, text, root, hasError, declarations, orphan, params, vars, resources, modules, types, outputs }, the
 * last six as maps by name; orphan is a decorator with nothing behind it. A declaration is { kind, name, nameNode, node, decorators, type, value, target }.
 */
export function readBicep(path, text, parser) {
    const root = parseTree(text, parser);
    const file = { path, text, root, hasError: root.hasError, declarations: [] };
    let decorators = [];
    for (const node of children(root)) {
        if (node.type === 'decorators') {
            decorators = children(node)
                .filter((one) => one.type === 'decorator')
                .map(readDecorator);
            continue;
        }
        if (node.type in kinds) {
            file.declarations.push({ ...readDeclaration(node), decorators });
        }
        if (node.type !== 'comment') {
            decorators = [];
        }
    }
    file.orphan = decorators[0]?.node;
    for (const kind of Object.values(kinds)) {
        const own = file.declarations.filter((one) => one.kind === kind).reverse();
        file[`${kind}s`] = new Map(own.map((one) => [one.name, one]));
    }
    return file;
}

function readDeclaration(node) {
    const parts = children(node).filter((one) => one.type !== 'comment');
    const kind = kinds[node.type];
    const nameNode = parts.find((one) => one.type === 'identifier' || one.type === 'compatible_identifier');
    const rest = parts.filter((one) => one !== nameNode);
    const type = ['param', 'output'].includes(kind) ? rest.shift() : undefined;
    const target = ['resource', 'module'].includes(kind) ? rest.shift() : undefined;
    const value = rest.at(-1);
    const isExisting = node.children.some((one) => one.type === 'existing');
    return { kind, name: nameNode?.text ?? '', nameNode: nameNode ?? node, node, type, target, value, isExisting };
}

function readDecorator(node) {
    const call = children(node)[0];
    const name = call?.childForFieldName('function')?.text ?? call?.text ?? '';
    return { node, name, args: argumentsOf(call) };
}

/** The named children. */
export function children(node) {
    return node.namedChildren;
}

/** The arguments of a call. */
export function argumentsOf(call) {
    const list = call?.childForFieldName('arguments');
    return list === null || list === undefined ? [] : children(list).filter((one) => one.type !== 'comment');
}

/** Without the brackets around it. */
export function bare(node) {
    let one = node;
    while (one?.type === 'parenthesized_expression') {
        one = children(one)[0];
    }
    return one;
}

/** The object of a resource or module, without its loop and condition; undefined when it has none. */
export function bodyOf(declaration) {
    let node = declaration.value;
    for (;;) {
        if (node?.type === 'for_statement') {
            node = node.childForFieldName('body');
        } else if (node?.type === 'if_statement') {
            node = children(node).at(-1);
        } else {
            return node?.type === 'object' ? node : undefined;
        }
    }
}

/** Whether a resource or module is there only under a condition. */
export function isConditional(declaration) {
    const node =
        declaration.value?.type === 'for_statement' ? declaration.value.childForFieldName('body') : declaration.value;
    return node?.type === 'if_statement';
}

/** The properties of an object: [{ key, keyNode, value }]; key is undefined when it is made of expressions. */
export function properties(object) {
    return children(object)
        .filter((one) => one.type === 'object_property')
        .map((property) => {
            const [keyNode, ...rest] = children(property).filter((one) => one.type !== 'comment');
            const key = keyNode.type === 'string' ? literal(keyNode) : keyNode.text;
            return { key, keyNode, value: rest.at(-1) };
        });
}

/** The value at a path of keys of an object, or undefined. */
export function propertyAt(object, ...path) {
    return path.reduce(
        (one, key) =>
            bare(one)?.type === 'object'
                ? properties(bare(one)).find((property) => property.key === key)?.value
                : undefined,
        object,
    );
}

/** The value of a literal: text, number, boolean; undefined for all else. */
export function literal(node) {
    const one = bare(node);
    switch (one?.type) {
        case 'string':
            return children(one).every((part) => part.type !== 'interpolation') ? textOf(one) : undefined;
        case 'number':
            return Number(one.text);
        case 'boolean':
            return one.text === 'true';
        case 'unary_expression': {
            const value = one.text.startsWith('-') ? literal(one.childForFieldName('argument')) : undefined;
            return typeof value === 'number' ? -value : undefined;
        }
        default:
            return undefined;
    }
}

function textOf(node) {
    if (node.text.startsWith("'''")) {
        return node.text.slice(3, -3).replace(/^\r?\n/, '');
    }
    return node.text.slice(1, -1).replace(/\\(.)/g, (_, sign) => ({ n: '\n', r: '\r', t: '\t' })[sign] ?? sign);
}

/** Every node below, and itself. */
export function* walk(node) {
    yield node;
    for (const child of children(node)) {
        yield* walk(child);
    }
}
