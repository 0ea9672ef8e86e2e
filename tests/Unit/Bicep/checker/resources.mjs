// Resources: types and versions, what is set in them, what is read of them, what each has to say.
import { argumentsOf, bare, bodyOf, children, literal, properties, propertyAt, walk } from './bicep-file.mjs';
import { checkFileInvariants, checkInvariants } from './invariants.mjs';
import { memberPath } from './types.mjs';
import { suggestion } from './text.mjs';

const ownKeys = ['parent', 'scope', 'dependsOn'];
const readable = ['id', 'name', 'type', 'apiVersion', 'location', 'tags', 'properties', 'identity', 'sku', 'kind'];

/** Checks the resources of a file. */
export function checkResources(file, world, findings) {
    for (const resource of file.resources.values()) {
        const schema = schemaOf(file, resource, world, findings);
        const body = bodyOf(resource);
        if (schema === undefined || body === undefined) {
            continue;
        }
        checkBody(file, resource, body, schema, world, findings);
        checkParent(file, resource, body, findings);
        if (!resource.isExisting) {
            checkInvariants(file, resource, body, typeOf(resource), world.data.invariants, findings);
        }
    }
    checkSubnets(file, findings);
    checkFileInvariants(file, world.data.invariants, findings);
    for (const declaration of file.declarations.filter((one) => one.value !== undefined)) {
        for (const node of walk(declaration.value)) {
            if (node.type === 'member_expression' && node.parent?.childForFieldName?.('object')?.id !== node.id) {
                checkRead(file, node, world, findings);
            }
        }
    }
}

/** The type of a resource, without the version. */
export function typeOf(resource) {
    return (literal(resource.target) ?? '').split('@')[0];
}

function schemaOf(file, resource, world, findings) {
    const text = literal(resource.target) ?? '';
    const all = world.data.resourceTypes.types;
    if (Object.hasOwn(all, text)) {
        return all[text];
    }
    const [type, version] = text.split('@');
    const versions = Object.keys(all)
        .filter((one) => one.split('@')[0] === type)
        .map((one) => one.split('@')[1]);
    if (version === undefined || version === '') {
        findings.at(
            file,
            resource.target,
            `'${text}' has no API version: write '${type}@${versions[0] ?? 'YYYY-MM-DD'}'`,
        );
    } else if (versions.length > 0) {
        findings.at(
            file,
            resource.target,
            `'${version}' is no known API version of ${type}; known: ${versions.join(', ')} (data/resource-types.json)`,
        );
    } else {
        const types = new Set(Object.keys(all).map((one) => one.split('@')[0]));
        const near = suggestion(type, types);
        findings.at(
            file,
            resource.target,
            `'${type}' is no known type of resource${near || '; look it up, and add it to data/resource-types.json'}`,
        );
    }
    return undefined;
}

function checkBody(file, resource, body, schema, world, findings) {
    const own = properties(body).filter((one) => ownKeys.includes(one.key));
    const what = typeOf(resource);
    for (const { key, keyNode } of resource.isExisting ? properties(body) : []) {
        if (!['name', 'parent', 'scope'].includes(key)) {
            findings.at(file, keyNode, `'${resource.name}' exists already: it has a name, and nothing is set in it`);
            return;
        }
    }
    checkPlace(file, resource, body, schema, findings);
    checkValue(
        file,
        body,
        { ...schema.set, ...Object.fromEntries(own.map((one) => [one.key, 'any'])) },
        what,
        resource,
        world,
        findings,
    );
}

/** Everything lies where the deployment lies, and has its tags. */
function checkPlace(file, resource, body, schema, findings) {
    const location = propertyAt(body, 'location');
    if (location !== undefined && !['location', "'global'"].includes(location.text)) {
        findings.at(file, location, "the location has to be the parameter location, or 'global'");
    }
    if ('tags' in schema.set && !resource.isExisting && propertyAt(body, 'tags')?.text !== 'tags') {
        findings.at(file, propertyAt(body, 'tags') ?? resource.nameNode, `'${resource.name}' needs tags: tags`);
    }
}

/** Compares an expression with the form that a property has. */
function checkValue(file, expression, form, what, resource, world, findings) {
    const node = bare(expression);
    const again = (one, itsForm, itsName) => checkValue(file, one, itsForm, itsName, resource, world, findings);
    if (node.type === 'ternary_expression') {
        again(node.childForFieldName('consequence'), form, what);
        again(node.childForFieldName('alternative'), form, what);
    } else if (node.type === 'null' || form === 'any') {
        return;
    } else if (
        node.type === 'call_expression' &&
        ['concat', 'union'].includes(node.childForFieldName('function').text)
    ) {
        argumentsOf(node).forEach((one) => again(one, optional(form), what));
    } else if (typeof form === 'string') {
        mustBe(file, node, form, what, world, findings);
    } else if (Array.isArray(form) && form[0] === '[]') {
        checkArray(file, node, form[1], what, again, world, findings);
    } else if (Array.isArray(form)) {
        checkChoice(file, node, form, what, resource, world, findings);
    } else if (node.type === 'object') {
        checkObject(file, node, form, what, resource, again, world, findings);
    } else {
        mustBe(file, node, 'object', what, world, findings);
    }
}

function optional(form) {
    return Array.isArray(form) || typeof form === 'string'
        ? form
        : Object.fromEntries(Object.entries(form).map(([key, value]) => [key.replace(/!$/, ''), value]));
}

function checkArray(file, node, form, what, again, world, findings) {
    if (node.type === 'array') {
        children(node)
            .filter((one) => one.type !== 'comment')
            .forEach((one) => again(one, form, what));
    } else if (node.type === 'for_statement') {
        again(node.childForFieldName('body'), form, what);
    } else {
        mustBe(file, node, 'array', what, world, findings);
    }
}

function checkChoice(file, node, choices, what, resource, world, findings) {
    const value = literal(node);
    if (value === undefined) {
        mustBe(file, node, typeof choices[0] === 'number' ? 'int' : 'string', what, world, findings);
        loopValues(file, resource, node)
            .filter((one) => !choices.includes(literal(one)))
            .forEach((one) =>
                findings.at(file, one, `${what} cannot be ${one.text}${suggestion(String(literal(one)), choices.map(String))}`),
            );
    } else if (!choices.includes(value)) {
        findings.at(file, node, `${what} cannot be ${node.text}${suggestion(String(value), choices.map(String))}`);
    }
}

/** The texts that the variable of a resource's loop goes through, when they are written down. */
function loopValues(file, resource, node) {
    const loop = resource.value?.type === 'for_statement' ? children(resource.value) : [];
    const names = loop[0]?.type === 'for_loop_parameters' ? children(loop[0]).map((one) => one.text) : [loop[0]?.text];
    const over = loop[1]?.type === 'identifier' ? file.vars.get(loop[1].text)?.value : loop[1];
    return node.text === names[0] && over?.type === 'array'
        ? children(over).filter((one) => literal(one) !== undefined)
        : [];
}

function checkObject(file, node, form, what, resource, again, world, findings) {
    const names = new Map(Object.keys(form).map((key) => [key.replace(/!$/, ''), key]));
    const given = properties(node);
    for (const { key, keyNode, value } of given) {
        const known = names.get(key) ?? (names.has('*') ? '*' : undefined);
        if (known !== undefined) {
            again(value, form[known], `${what}.${key ?? keyNode.text}`);
        } else if (!world.data.invariants.mustNot.some((one) => `${one.type}.${one.path}` === `${what}.${key}`)) {
            const near = suggestion(key ?? keyNode.text, names.keys());
            findings.at(
                file,
                keyNode,
                `${what} has no '${key ?? keyNode.text}'${near || '; if Azure has it, add it to data/resource-types.json'}`,
            );
        }
        if (given.find((one) => one.key === key)?.keyNode.id !== keyNode.id) {
            findings.at(file, keyNode, `'${key}' stands here twice: leave one out`);
        }
    }
    for (const [name, key] of names) {
        if (key.endsWith('!') && !given.some((one) => one.key === name) && !(resource.isExisting && name !== 'name')) {
            findings.at(file, node, `${what} needs '${name}'`);
        }
    }
}

function mustBe(file, node, wanted, what, world, findings) {
    const actual = world.types.of(file, node);
    if (actual !== undefined && actual !== 'null' && actual !== wanted) {
        findings.at(file, node, `${what} is of type ${wanted}, and this is of type ${actual}`);
    }
}

/** A resource inside another one names it, or it would be made nowhere. */
function checkParent(file, resource, body, findings) {
    const type = typeOf(resource);
    const parentType = type.split('/').slice(0, -1).join('/');
    if (parentType.split('/').length < 2) {
        return;
    }
    const parent = propertyAt(body, 'parent');
    if (parent === undefined) {
        findings.at(file, resource.nameNode, `${type} needs 'parent', the ${parentType} that it belongs to`);
        return;
    }
    const name = parent.type === 'identifier' ? parent.text : memberPath(parent)?.root;
    const target = file.resources.get(name);
    if (target !== undefined && typeOf(target) !== parentType) {
        findings.at(file, parent, `the parent of ${type} is a ${parentType}; '${name}' is a ${typeOf(target)}`);
    }
}

/** A subnet's address that a file makes of a name has to be one that it makes. */
function checkSubnets(file, findings) {
    const networks = [...file.resources.values()].filter((one) => typeOf(one) === 'Microsoft.Network/virtualNetworks');
    const subnets = networks.flatMap((one) => children(propertyAt(bodyOf(one), 'properties', 'subnets') ?? one.node));
    const names = subnets.filter((one) => one.type === 'object').map((one) => literal(propertyAt(one, 'name')));
    for (const node of networks.length === 0 ? [] : walk(file.root)) {
        const name =
            node.type === 'string' ? /\.id\}\/(?<kind>\w+)\/(?<name>[^/]+)'$/.exec(node.text)?.groups : undefined;
        if (name !== undefined && (name.kind !== 'subnets' || !names.includes(name.name))) {
            findings.at(
                file,
                node,
                `'${name.kind}/${name.name}' is nothing that this file makes: subnets/${names.join(', subnets/')}`,
            );
        }
    }
}

function checkRead(file, node, world, findings) {
    const { root, path } = memberPath(node) ?? { path: [] };
    const resource = root && file.resources.get(root);
    const schema = resource && world.data.resourceTypes.types[literal(resource.target)];
    const isCalled = node.parent?.childForFieldName?.('function')?.id === node.id;
    if (schema === undefined || path.length === 0 || isCalled) {
        return;
    }
    const type = typeOf(resource);
    if (!readable.includes(path[0].text)) {
        findings.at(file, path[0], `'${root}' has no '${path[0].text}'${suggestion(path[0].text, readable)}`);
    } else if (path[0].text === 'properties') {
        const whole = path.map((one) => one.text).join('.');
        const known = [...(schema.read ?? []), ...setPaths(schema.set)];
        if (!known.includes(whole)) {
            findings.at(
                file,
                path.at(-1),
                `${type} has no '${whole}' that is known${suggestion(whole, schema.read ?? [])}`,
            );
        }
    }
}

function setPaths(form, before = '') {
    if (typeof form !== 'object' || Array.isArray(form)) {
        return [];
    }
    return Object.entries(form).flatMap(([key, value]) => {
        const path = `${before}${key.replace(/!$/, '')}`;
        return [path, ...setPaths(value, `${path}.`)];
    });
}
