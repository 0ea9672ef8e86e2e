// What waits for what: Azure takes no circles.
import { literal, children, walk } from './bicep-file.mjs';

/** Checks that no resource or module waits for itself, and that the file is for a resource group. */
export function checkOrder(file, findings) {
    checkScope(file, findings);
    const nodes = new Map([...file.resources, ...file.modules, ...file.vars]);
    const needs = new Map(
        [...nodes].map(([name, one]) => [name, namesIn(one.value).filter((other) => nodes.has(other))]),
    );
    const done = new Set();
    const visit = (name, way) => {
        if (way.includes(name)) {
            const circle = [...way.slice(way.indexOf(name)), name].join(' → ');
            findings.at(
                file,
                nodes.get(name).nameNode,
                `'${name}' waits for itself: ${circle}; take one of these references out`,
            );
            return true;
        }
        if (done.has(name)) {
            return false;
        }
        done.add(name);
        return needs.get(name).some((other) => visit(other, [...way, name]));
    };
    for (const name of nodes.keys()) {
        if (visit(name, [])) {
            return;
        }
    }
}

function checkScope(file, findings) {
    const scope = children(file.root).find((one) => one.type === 'target_scope_assignment');
    const value = scope && children(scope).at(-1);
    if (value !== undefined && literal(value) !== 'resourceGroup') {
        findings.at(file, value, "the templates are deployed to a resource group: targetScope = 'resourceGroup'");
    }
}

function namesIn(node) {
    return node === undefined
        ? []
        : [...walk(node)].filter((one) => one.type === 'identifier' && !isKey(one)).map((one) => one.text);
}

function isKey(node) {
    return node.parent?.type === 'object_property' && children(node.parent)[0].id === node.id;
}
