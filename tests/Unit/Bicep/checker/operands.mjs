// Operands and arguments: their types, elements of loops, and outputs of modules that may not be there.
import { argumentsOf, bare, bodyOf, children, isConditional, propertyAt, walk } from './bicep-file.mjs';

const isBool = { '&&': 'bool', '||': 'bool', '+': 'int', '-': 'int', '*': 'int', '/': 'int', '%': 'int' };

/** Checks what operators, conditions, functions and elements of loops are given in a file. */
export function checkOperands(file, world, findings) {
    const mustBe = (node, wanted, what) => {
        const actual = node && world.types.of(file, node);
        if (actual !== undefined && actual !== 'null' && actual !== wanted) {
            findings.at(file, node, `${what} wants a value of type ${wanted}, and this is of type ${actual}`);
        }
    };
    for (const declaration of file.declarations.filter((one) => one.value !== undefined)) {
        for (const node of walk(declaration.value)) {
            checkOperator(file, node, world, mustBe, findings);
            checkArguments(node, world.language, mustBe);
            checkElement(file, node, findings);
            checkAssertion(file, declaration, node, findings);
        }
    }
}

function checkOperator(file, node, world, mustBe, findings) {
    if (node.type === 'assignment_expression') {
        findings.at(file, node, "'=' gives nothing a value here: == compares");
    } else if (node.type === 'ternary_expression') {
        mustBe(node.childForFieldName('condition'), 'bool', 'the condition before ?');
    } else if (node.type === 'if_statement') {
        mustBe(children(node)[0], 'bool', 'if');
    } else if (node.type === 'unary_expression') {
        const sign = node.text[0];
        mustBe(node.childForFieldName('argument'), sign === '!' ? 'bool' : 'int', sign);
    } else if (node.type === 'binary_expression') {
        const sign = operatorOf(node);
        const sides = [node.childForFieldName('left'), node.childForFieldName('right')];
        sides.forEach((one) => isBool[sign] && mustBe(one, isBool[sign], sign));
        const [left, right] = sides.map((one) => world.types.of(file, one));
        if (['==', '!='].includes(sign) && left && right && left !== right && ![left, right].includes('null')) {
            findings.at(file, sides[1], `${sign} compares a value of type ${left} with one of type ${right}`);
        }
    }
}

/** The sign between the two sides. */
function operatorOf(node) {
    return node.children.find((one) => !one.isNamed)?.text;
}

function checkArguments(node, language, mustBe) {
    const name = node.type === 'call_expression' ? node.childForFieldName('function').text : undefined;
    const wanted = Object.hasOwn(language.takes, name ?? '') ? language.takes[name] : [];
    for (const [index, one] of argumentsOf(node).entries()) {
        const type = wanted[Math.min(index, wanted.length - 1)];
        if (type !== undefined && type !== 'any') {
            mustBe(one, type, `${name}()`);
        }
    }
}

/** A resource of a loop is a list: one of them is meant by its index, and that is a number. */
function checkElement(file, node, findings) {
    const declaration = node.type === 'identifier' ? (file.resources.get(node.text) ?? file.modules.get(node.text)) : undefined;
    if (declaration?.value?.type !== 'for_statement' || isKey(node) || isDependency(node)) {
        return;
    }
    const subscript = node.parent;
    if (subscript?.type !== 'subscript_expression' || subscript.childForFieldName('object').id !== node.id) {
        findings.at(file, node, `'${node.text}' is made by a loop: say which one is meant, as in ${node.text}[index]`);
        return;
    }
    const index = subscript.childForFieldName('index');
    if (index.type === 'string' || (index.type === 'identifier' && elementsOf(node).includes(index.text))) {
        findings.at(file, index, `an index is a number: for (${elementsOf(node)[0] ?? 'one'}, index) in … has one`);
    }
}

function isKey(node) {
    return node.parent?.type === 'object_property' && children(node.parent)[0].id === node.id;
}

function isDependency(node) {
    const property = node.parent?.type === 'array' ? node.parent.parent : undefined;
    return property?.type === 'object_property' && children(property)[0].text === 'dependsOn';
}

/** The names that loops around a node give to elements. */
function elementsOf(node) {
    const names = [];
    for (let one = node; one; one = one.parent) {
        if (one.type === 'for_statement') {
            const [first] = children(one);
            names.push(first.type === 'for_loop_parameters' ? children(first)[0].text : first.text);
        }
    }
    return names;
}

/** X!.outputs says that X is there; it is only where its condition was asked. */
function checkAssertion(file, declaration, node, findings) {
    const module = node.type === 'identifier' ? file.modules.get(node.text) : undefined;
    if (module === undefined || !isConditional(module) || isKey(node) || isDependency(node)) {
        return;
    }
    const asked = conditionOf(module);
    const isAsked = conditionOf(declaration) === asked || conditionsAround(node).includes(asked);
    if (!isAsked) {
        findings.at(file, node, `'${module.name}' is there only under its condition: write ${asked} ? … : … around this`);
    }
}

function conditionOf(declaration) {
    const value = declaration.value?.type === 'for_statement' ? declaration.value.childForFieldName('body') : declaration.value;
    return value?.type === 'if_statement' ? bare(children(value)[0]).text : undefined;
}

/** The conditions of ternaries in whose first branch a node is. */
function conditionsAround(node) {
    const conditions = [];
    for (let one = node; one.parent; one = one.parent) {
        if (one.parent.type === 'ternary_expression' && one.parent.childForFieldName('consequence').id === one.id) {
            conditions.push(bare(one.parent.childForFieldName('condition')).text);
        }
    }
    return conditions;
}

/** Checks that no two deployments, and no two resources of a type, have one name. */
export function checkDeployedNames(file, findings) {
    const seen = new Map();
    for (const one of file.declarations.filter(({ kind }) => kind === 'module' || kind === 'resource')) {
        const body = bodyOf(one);
        const text = (key) => (body && propertyAt(body, key)?.text) ?? '';
        const isNamed = text('name') !== '' && !one.isExisting;
        const key = [one.kind === 'module' ? 'module' : one.target.text, text('parent'), text('scope'), text('name')].join('|');
        if (isNamed && seen.has(key)) {
            findings.at(file, one.nameNode, `'${one.name}' has the name of '${seen.get(key)}': Azure would take them for one`);
        }
        seen.set(key, seen.get(key) ?? one.name);
    }
}
