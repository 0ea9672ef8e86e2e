// Names: declared once, declared at all, and used.
import { argumentsOf, children, literal, walk } from './bicep-file.mjs';
import { suggestion } from './text.mjs';
import { Types } from './types.mjs';

const typeNames = ['string', 'int', 'bool', 'object', 'array'];

/** Checks the names of a file. */
export function checkNames(file, language, findings) {
    checkDuplicates(file, findings);
    const used = new Set();
    const walker = new NameWalker(file, language, findings, used);
    if (file.orphan !== undefined) {
        findings.at(file, file.orphan, 'this decorates nothing: a declaration is missing behind it');
    }
    for (const declaration of file.declarations) {
        checkDecorators(file, declaration, language, findings);
        checkType(file, declaration, findings);
        if (declaration.value !== undefined) {
            walker.visit(declaration.value, new Set());
        }
    }
    for (const declaration of file.declarations) {
        const isInput = ['param', 'var'].includes(declaration.kind) || declaration.isExisting;
        if (isInput && !used.has(declaration.name)) {
            const what = { param: 'parameter', var: 'variable' }[declaration.kind] ?? 'resource';
            findings.at(
                file,
                declaration.nameNode,
                `the ${what} '${declaration.name}' is used nowhere: use it, or take it out`,
            );
        }
    }
}

function checkDuplicates(file, findings) {
    const seen = new Map();
    for (const one of file.declarations) {
        const scope = one.kind === 'output' ? 'output' : 'name';
        const first = seen.get(`${scope} ${one.name}`);
        if (first !== undefined) {
            const line = first.nameNode.startPosition.row + 1;
            findings.at(file, one.nameNode, `'${one.name}' is declared a second time; the first is in line ${line}`);
        }
        seen.set(`${scope} ${one.name}`, first ?? one);
    }
}

function checkDecorators(file, declaration, language, findings) {
    for (const [index, { name, node, args }] of declaration.decorators.entries()) {
        const arity = language.decorators[name];
        const on = language.decorates[name];
        const type = declaration.type && Types.declared(declaration.type);
        if (declaration.decorators.findIndex((one) => one.name === name) < index) {
            findings.at(file, node, `'${name}' stands here twice: leave one out`);
        } else if (on !== undefined && declaration.type !== undefined && type !== undefined && !on.includes(type)) {
            findings.at(file, node, `'${name}' is for ${on.join(' and ')}; '${declaration.name}' is of type ${type}`);
        } else if (arity === undefined) {
            findings.at(
                file,
                node,
                `there is no decorator '${name}'${suggestion(name, Object.keys(language.decorators))}`,
            );
        } else if (args.length < arity[0] || args.length > arity[1]) {
            findings.at(file, node, `'${name}' takes ${arity[0]} argument(s), not ${args.length}`);
        }
    }
    const description = declaration.decorators.find((one) => one.name === 'description');
    if (['param', 'output'].includes(declaration.kind) && !literal(description?.args[0])) {
        findings.at(file, declaration.nameNode, `'${declaration.name}' needs a @description('…')`);
    }
}

function checkType(file, declaration, findings) {
    if (declaration.type === undefined) {
        return;
    }
    const name = typeName(declaration.type);
    if (!typeNames.includes(name) && !file.types.has(name)) {
        findings.at(
            file,
            declaration.type,
            `there is no type '${name}'${suggestion(name, [...typeNames, ...file.types.keys()])}`,
        );
    }
}

/** The type without [] and ?. */
function typeName(node) {
    return node.text.replace(/(\[\]|\?)+$/, '');
}

class NameWalker {
    constructor(file, language, findings, used) {
        Object.assign(this, { file, language, findings, used });
        const { params, vars, resources, modules } = file;
        this.declared = new Set([params, vars, resources, modules].flatMap((map) => [...map.keys()]));
    }

    visit(node, local) {
        switch (node.type) {
            case 'identifier':
                this.#reference(node, local);
                return;
            case 'object_property': {
                const [key, ...rest] = children(node).filter((one) => one.type !== 'comment');
                this.#all(key.type === 'string' ? [key, ...rest] : rest, local);
                return;
            }
            case 'member_expression':
                this.visit(node.childForFieldName('object'), local);
                return;
            case 'call_expression':
                this.#call(node, local);
                return;
            case 'for_statement':
                this.#loop(node, local);
                return;
            case 'lambda_expression':
                this.#all(children(node).slice(-1), new Set([...local, ...lambdaNames(node)]));
                return;
            default:
                this.#all(children(node), local);
        }
    }

    #all(nodes, local) {
        for (const node of nodes) {
            this.visit(node, local);
        }
    }

    #reference(node, local) {
        if (local.has(node.text)) {
            return;
        }
        this.used.add(node.text);
        if (!this.declared.has(node.text)) {
            const known = [...this.declared, ...local];
            const near = suggestion(node.text, known);
            const advice = near.includes('did you mean') ? near : '; declare it as a param or a var';
            this.findings.at(this.file, node, `'${node.text}' is declared nowhere${advice}`);
        }
    }

    #call(node, local) {
        const name = node.childForFieldName('function');
        if (name.type !== 'identifier') {
            const method = name.childForFieldName('property') ?? name;
            this.findings.at(
                this.file,
                method,
                `'${method.text}()' of a resource is not used here: keys are off, and what a resource says stands in its properties`,
            );
        } else {
            this.#arity(name, argumentsOf(node).length);
        }
        for (const argument of argumentsOf(node)) {
            // The grammar takes `x => x.y` for `(x => x).y`: the names of a lambda hold in the whole argument.
            const names = [...walk(argument)].filter((one) => one.type === 'lambda_expression').flatMap(lambdaNames);
            this.visit(argument, new Set([...local, ...names]));
        }
    }

    #arity(name, count) {
        const arity = this.language.functions[name.text];
        if (arity === undefined) {
            const near = suggestion(name.text, Object.keys(this.language.functions));
            this.findings.at(
                this.file,
                name,
                `there is no function '${name.text}'${near || '; if Bicep has it, add it to data/language.json'}`,
            );
            return;
        }
        const [least, most] = arity;
        if (count < least || (most >= 0 && count > most)) {
            const wanted = least === most ? `${least}` : most < 0 ? `${least} or more` : `${least} to ${most}`;
            this.findings.at(this.file, name, `'${name.text}' takes ${wanted} argument(s), not ${count}`);
        }
    }

    #loop(node, local) {
        const body = node.childForFieldName('body');
        const header = children(node).filter((one) => one !== body);
        const names = header
            .slice(0, 1)
            .flatMap((one) =>
                one.type === 'for_loop_parameters' ? children(one).map((name) => name.text) : [one.text],
            );
        this.#all(header.slice(1), local);
        if (body !== null) {
            this.visit(body, new Set([...local, ...names]));
        }
    }
}

function lambdaNames(node) {
    return children(node)
        .slice(0, -1)
        .flatMap((one) => [one.text, ...children(one).map((name) => name.text)]);
}
