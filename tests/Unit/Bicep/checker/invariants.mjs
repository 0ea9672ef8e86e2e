// What holds whatever the parameters are: data/invariants.json.
import { bare, bodyOf, children, isConditional, propertyAt } from './bicep-file.mjs';

/** Checks a resource against what its type has to say, and must not say. */
export function checkInvariants(file, resource, body, type, { must, mustNot }, findings) {
    for (const { type: of, only, path, is, why } of must) {
        const isMeant = of === type && (only === undefined || only === resource.name);
        for (const { value, place } of isMeant ? valuesAt(body, path.split('.'), resource.nameNode) : []) {
            if (value === undefined) {
                findings.at(
                    file,
                    place,
                    `'${resource.name}' needs ${path}${is === undefined ? '' : `: ${is}`}, because ${why}`,
                );
            } else if (is !== undefined && oneLine(value) !== is) {
                findings.at(file, value, `${path} has to be ${is}, because ${why}`);
            }
        }
    }
    for (const { type: of, path, why } of mustNot) {
        const value = of === type ? propertyAt(body, ...path.split('.')) : undefined;
        if (value !== undefined) {
            findings.at(file, value, `take ${path} out: ${why}`);
        }
    }
}

/** What variables and outputs have to be, under what conditions something is made, and for what resources have to wait. */
export function checkFileInvariants(file, { values, conditions, waits }, findings) {
    for (const { var: name, output, is, why } of values.filter((one) => one.file === file.path)) {
        const one = name === undefined ? file.outputs.get(output) : file.vars.get(name);
        const what = name === undefined ? `the output '${output}'` : `the variable '${name}'`;
        if (one === undefined || oneLine(one.value) !== is) {
            findings.at(file, one?.value ?? file.root, `${what} has to be ${is}, because ${why}`);
        }
    }
    for (const { name, is, why } of conditions.filter((one) => one.file === file.path)) {
        const one = file.modules.get(name) ?? file.resources.get(name);
        if (one !== undefined && (!isConditional(one) || oneLine(bare(children(one.value)[0])) !== is)) {
            findings.at(file, one.nameNode, `'${name}' has to be there only if (${is}), because ${why}`);
        }
    }
    for (const { name, for: wanted, why } of waits.filter((one) => one.file === file.path)) {
        const declaration = file.modules.get(name) ?? file.resources.get(name);
        const list = declaration && propertyAt(bodyOf(declaration), 'dependsOn');
        // By its text: the grammar takes a[0] in a list for two elements.
        const given = list?.type === 'array' ? oneLine(list).split(' ') : [];
        for (const other of wanted.filter((one) => !given.includes(one))) {
            findings.at(
                file,
                declaration?.nameNode ?? file.root,
                `'${name}' has to wait for ${other} (dependsOn), because ${why}`,
            );
        }
    }
}

/** An expression in one line, without the blanks that have no meaning. */
function oneLine(node) {
    return node.text.replace(/('(?:\\.|[^'\\\n])*')|\/\/[^\n]*/g, '$1').replace(/\s+/g, ' ');
}

/**
 * The values at a path, where [] stands for each element, [0] for the first ([]? of a list that may be missing): [{ value, place }]; place is
 * where a missing one belongs.
 */
function valuesAt(body, [first, ...rest], place) {
    const isList = first.includes('[');
    const only = /\[(\d+)\]/.exec(first)?.[1];
    const value = propertyAt(body, first.replace(/\[\d*\]\??$/, ''));
    if (value === undefined && first.endsWith('?')) {
        return [];
    }
    if (value === undefined || (rest.length === 0 && !isList)) {
        return [{ value, place }];
    }
    const elements =
        value.type === 'array'
            ? children(value)
            : value.type === 'for_statement'
              ? [value.childForFieldName('body')]
              : [];
    const meant = only === undefined ? elements : elements.slice(Number(only), Number(only) + 1);
    const objects = (isList ? meant : [value]).filter((one) => one.type === 'object');
    return objects.flatMap((one) => valuesAt(one, rest, isList ? one : place));
}
