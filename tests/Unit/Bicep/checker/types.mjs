// Types of expressions, as far as they can be told without Azure: 'string', 'int', 'bool', 'object', 'array', 'null', or undefined.
import { bare, children, literal } from './bicep-file.mjs';

/** The type of an expression of a file. */
export class Types {
    #world;

    /** @param world { language, moduleOf(file, declaration) → the file of a module, or undefined } */
    constructor(world) {
        this.#world = world;
    }

    of(file, expression, seen = new Set()) {
        const node = bare(expression);
        switch (node?.type) {
            case 'string':
                return 'string';
            case 'number':
                return 'int';
            case 'boolean':
                return 'bool';
            case 'null':
                return 'null';
            case 'object':
                return 'object';
            case 'array':
            case 'for_statement':
                return 'array';
            case 'unary_expression':
                return node.text.startsWith('!') ? 'bool' : 'int';
            case 'binary_expression':
                return this.#ofBinary(file, node, seen);
            case 'ternary_expression':
                return this.#common(
                    this.of(file, node.childForFieldName('consequence'), seen),
                    this.of(file, node.childForFieldName('alternative'), seen),
                );
            case 'call_expression':
                return this.#ofCall(file, node, seen);
            case 'identifier':
                return this.#ofName(file, node.text, seen);
            case 'member_expression':
                return this.#ofMember(file, node);
            default:
                return undefined;
        }
    }

    /** What a declared type is: 'array' for string[]. */
    static declared(type) {
        const text = type.text.replace(/\?$/, '');
        return text.endsWith('[]')
            ? 'array'
            : ['string', 'int', 'bool', 'object', 'array'].includes(text)
              ? text
              : undefined;
    }

    #common(a, b) {
        return a === 'null' ? b : b === 'null' || a === b ? a : undefined;
    }

    #ofBinary(file, node, seen) {
        const sign = node.childForFieldName('operator')?.text;
        if (sign === '??') {
            return this.#common(
                this.of(file, node.childForFieldName('left'), seen),
                this.of(file, node.childForFieldName('right'), seen),
            );
        }
        return ['+', '-', '*', '/', '%'].includes(sign) ? 'int' : 'bool';
    }

    #ofCall(file, node, seen) {
        const name = node.childForFieldName('function').text;
        const [first] = children(node.childForFieldName('arguments') ?? node);
        if (['concat', 'union', 'take', 'skip'].includes(name) && first !== undefined) {
            return this.of(file, first, seen);
        }
        return this.#world.language.returns[name];
    }

    #ofName(file, name, seen) {
        if (seen.has(name)) {
            return undefined;
        }
        const param = file.params.get(name);
        if (param !== undefined) {
            return Types.declared(param.type);
        }
        const variable = file.vars.get(name);
        return variable && this.of(file, variable.value, new Set([...seen, name]));
    }

    #ofMember(file, node) {
        const { root, path } = memberPath(node) ?? {};
        const module = root && file.modules.get(root);
        if (module !== undefined && path[0]?.text === 'outputs' && path.length === 2) {
            const output = this.#world.moduleOf(file, module)?.outputs.get(path[1].text);
            return output && Types.declared(output.type);
        }
        const isOfResource = root !== undefined && file.resources.has(root) && path.length === 1;
        return isOfResource && ['id', 'name', 'type', 'location'].includes(path[0].text) ? 'string' : undefined;
    }
}

/** a.b!.c and a[0].b.c as { root: 'a', path: [nodes of the names], isSure: whether a ! or .? stands in it }; undefined for others. */
export function memberPath(node) {
    const path = [];
    let one = node;
    let isSure = false;
    while (one?.type === 'member_expression' || one?.type === 'subscript_expression') {
        const object = one.childForFieldName('object');
        if (one.type === 'member_expression') {
            path.unshift(one.childForFieldName('property'));
            isSure ||= /^\s*(!|\.\?)/.test(one.text.slice(object.text.length));
        }
        one = object;
    }
    return one?.type === 'identifier' ? { root: one.text, rootNode: one, path, isSure } : undefined;
}

/** Checks that a parameter's default and a value from a file keep what its decorators say. */
export function constraintProblem(declaration, value) {
    const of = (name) => declaration.decorators.find((one) => one.name === name)?.args[0];
    const allowed = of('allowed') && children(of('allowed')).map(literal);
    if (allowed !== undefined && !allowed.includes(value)) {
        return `${JSON.stringify(value)} is none of the allowed values ${allowed.join(', ')}`;
    }
    const size = typeof value === 'number' ? value : (value?.length ?? 0);
    const [least, most] = typeof value === 'number' ? ['minValue', 'maxValue'] : ['minLength', 'maxLength'];
    const unit = typeof value === 'number' ? '' : typeof value === 'string' ? ' characters' : ' elements';
    if (of(least) !== undefined && size < literal(of(least))) {
        return `${JSON.stringify(value)} is too small: ${literal(of(least))}${unit} is the least`;
    }
    if (of(most) !== undefined && size > literal(of(most))) {
        return `${JSON.stringify(value)} is too large: ${literal(of(most))}${unit} is the most`;
    }
    return undefined;
}
