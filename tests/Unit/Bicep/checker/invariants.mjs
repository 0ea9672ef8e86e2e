// What holds whatever the parameters are: data/invariants.json.
import { bodyOf, children, propertyAt } from './bicep-file.mjs';

/** Checks a resource against what its type has to say, and must not say. */
export function checkInvariants(file, resource, body, type, { must, mustNot }, findings) {
    for (const { type: of, path, is, why } of must) {
        for (const { value, place } of of === type ? valuesAt(body, path.split('.'), resource.nameNode) : []) {
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

/** What variables have to be, and for what resources have to wait. */
export function checkFileInvariants(file, { vars, waits }, findings) {
    for (const { var: name, is, why } of vars.filter((one) => one.file === file.path)) {
        const variable = file.vars.get(name);
        if (variable === undefined || oneLine(variable.value) !== is) {
            findings.at(file, variable?.value ?? file.root, `the variable '${name}' has to be ${is}, because ${why}`);
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
    return node.text.replace(/\/\/[^\n]*/g, '').replace(/\s+/g, ' ');
}

/**
 * The values at a path, where [] stands for each element ([]? of a list that may be missing): [{ value, place }]; place is
 * where a missing one belongs.
 */
function valuesAt(body, [first, ...rest], place) {
    const isList = first.includes('[]');
    const value = propertyAt(body, first.replace(/\[\]\??$/, ''));
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
    const objects = (isList ? elements : [value]).filter((one) => one.type === 'object');
    return objects.flatMap((one) => valuesAt(one, rest, isList ? one : place));
}
