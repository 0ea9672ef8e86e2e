// Roles: their numbers, and that each grant is one that was decided, and none is missing.
import { argumentsOf, bare, bodyOf, children, literal, propertyAt, walk } from './bicep-file.mjs';
import { memberPath } from './types.mjs';
import { nearest } from './text.mjs';
import { typeOf } from './resources.mjs';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const assignment = 'Microsoft.Authorization/roleAssignments';
const definitions = 'Microsoft.Authorization/roleDefinitions';

/** Checks the numbers of roles in a file. */
export function checkRoleNumbers(file, { roles }, findings) {
    for (const node of walk(file.root)) {
        const value = node.type === 'string' ? literal(node) : undefined;
        const name = node.parent?.type === 'object_property' ? children(node.parent)[0].text : undefined;
        if (typeof value !== 'string' || (!guid.test(value) && !Object.hasOwn(roles, name ?? ''))) {
            continue;
        }
        const known = Object.entries(roles).find(([, role]) => role.id === value);
        if (roles[name] !== undefined && roles[name].id !== value) {
            const is = known === undefined ? 'no role that is known' : `that of '${known[1].title}'`;
            findings.at(file, node, `the number of '${roles[name].title}' is ${roles[name].id}; this is ${is}`);
        } else if (known === undefined) {
            const near = nearest(
                value,
                Object.values(roles).map((role) => role.id),
            );
            findings.at(
                file,
                node,
                `${value} is the number of no role that is known${near ? `; did you mean ${near}?` : '; look it up, and add it to data/roles.json'}`,
            );
        } else if (roles[name] === undefined) {
            findings.at(
                file,
                node,
                `give the number of '${known[1].title}' the name ${known[0]}, as a property of an object`,
            );
        }
    }
}

/** Compares the grants of all files with the list. */
export function checkGrants(files, data, findings) {
    const wanted = new Set(data.grants);
    for (const file of files.filter((one) => !one.hasError)) {
        for (const resource of file.resources.values()) {
            if (typeOf(resource) === assignment && bodyOf(resource) !== undefined) {
                const grant = readGrant(file, resource, findings);
                const known = grant && data.grants.find((one) => isSame(one, grant));
                if (known !== undefined) {
                    wanted.delete(known);
                } else if (grant !== undefined) {
                    const { role, principal, on } = grant;
                    findings.at(
                        file,
                        grant.node,
                        `nobody has decided that ${principal} gets ${role} on ${on}: take it out, or add it to data/roles.json with its reason`,
                    );
                }
            }
        }
    }
    for (const { file, principal, role, on, why } of wanted) {
        const title = data.roles[role]?.title ?? role;
        const target = files.find((one) => one.path === file);
        if (target === undefined || !target.hasError) {
            findings.add(file, 1, 1, `${principal} gets no '${title}' on ${on}, which it needs: ${why}`);
        }
    }
}

function isSame(grant, other) {
    return ['file', 'principal', 'role', 'on'].every((key) => grant[key] === other[key]);
}

function readGrant(file, resource, findings) {
    const body = bodyOf(resource);
    const definition = propertyAt(body, 'properties', 'roleDefinitionId');
    const principal = propertyAt(body, 'properties', 'principalId');
    const scope = propertyAt(body, 'scope');
    if (scope === undefined) {
        findings.at(
            file,
            resource.nameNode,
            `'${resource.name}' needs a scope: without one, the role holds in the whole resource group`,
        );
        return undefined;
    }
    const role = roleOf(definition);
    if (role === undefined || principal === undefined) {
        if (definition !== undefined) {
            findings.at(file, definition, `write subscriptionResourceId('${definitions}', roles.NAME) here`);
        }
        return undefined;
    }
    checkName(file, resource, body, { role, principal, scope }, findings);
    checkPrincipalType(file, body, principal, findings);
    const target = file.resources.get(scope.text);
    return {
        file: file.path,
        principal: principal.text,
        role: role.text,
        on: target ? typeOf(target) : scope.text,
        node: definition,
    };
}

function roleOf(definition) {
    const call = bare(definition);
    if (call?.type !== 'call_expression' || call.childForFieldName('function').text !== 'subscriptionResourceId') {
        return undefined;
    }
    const [type, role] = argumentsOf(call);
    return literal(type) === definitions && role?.type === 'member_expression'
        ? memberPath(role)?.path.at(-1)
        : undefined;
}

/** The name of a grant is made of what it is about: of anything else, two grants might have one name. */
function checkName(file, resource, body, { role, principal, scope }, findings) {
    const name = propertyAt(body, 'name');
    const parts =
        name?.type === 'call_expression' && name.childForFieldName('function').text === 'guid'
            ? argumentsOf(name).map((one) => one.text)
            : [];
    const wanted = [`${scope.text}.id`, principal.text, `roles.${role.text}`];
    if (name !== undefined && !wanted.every((one) => parts.includes(one))) {
        findings.at(file, name, `the name of '${resource.name}' has to be guid(${wanted.join(', ')})`);
    }
}

function checkPrincipalType(file, body, principal, findings) {
    const type = propertyAt(body, 'properties', 'principalType');
    const wanted = principal.text === 'identityPrincipalId' ? "'ServicePrincipal'" : 'deployerPrincipalType';
    if (type === undefined || type.text !== wanted) {
        const place = type ?? principal;
        findings.at(
            file,
            place,
            `principalType has to be ${wanted}: without it, a new identity is not found for some minutes`,
        );
    }
}
