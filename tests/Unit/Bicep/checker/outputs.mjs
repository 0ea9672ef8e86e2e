// What others know of main.bicep: its parameters and outputs, by name.
import { children, literal } from './bicep-file.mjs';
import { nearest, suggestion } from './text.mjs';

const readers = ['README.md', 'bicep/README.md', 'infra/deploy', 'infra/smoke', 'infra/README.md'];

/** Compares main.bicep with those that name its outputs and parameters. */
export function checkOutputs(project, files, main, data, roles, findings) {
    if (main.hasError) {
        return;
    }
    for (const { name, usedBy } of data.outputs) {
        if (!main.outputs.has(name)) {
            const near = nearest(
                name,
                [...main.outputs.keys()].filter((one) => !data.outputs.some((other) => other.name === one)),
            );
            const place = main.outputs.get(near)?.nameNode ?? main.root;
            findings.at(
                main,
                place,
                `there is no output '${name}', which ${usedBy} takes${near ? `; is '${near}' a misspelling?` : ''}`,
            );
        }
    }
    for (const output of main.outputs.values()) {
        if (!data.outputs.some((one) => one.name === output.name)) {
            findings.at(
                main,
                output.nameNode,
                `nobody takes the output '${output.name}': take it out, or add its reader to data/outputs.json`,
            );
        }
    }
    data.parameters.forEach((one) => checkParameter(main, one, findings));
    checkDocumented(project, main, findings);
    checkPage(project, main, roles, findings);
    const known = new Set(files.flatMap((file) => file.declarations.map((one) => one.name)));
    for (const path of readers.filter((one) => project.read(one) !== undefined)) {
        checkReader(path, project.read(path), main, known, findings);
    }
}

/** A parameter that others rely on is there, with its type, its default and its limits. */
function checkParameter(main, { name, type, default: value, why, format: _, form: __, ...limits }, findings) {
    const param = main.params.get(name);
    if (param === undefined) {
        const near = nearest(name, main.params.keys());
        findings.at(main, main.params.get(near)?.nameNode ?? main.root, `there is no parameter '${name}': ${why}`);
        return;
    }
    if (param.type.text !== type) {
        findings.at(main, param.type, `'${name}' has to be of type ${type}: ${why}`);
    }
    if (value !== undefined && param.value?.text !== value) {
        findings.at(main, param.value ?? param.nameNode, `the default of '${name}' has to be ${value}: ${why}`);
    }
    for (const [decorator, wanted] of Object.entries(limits)) {
        const argument = param.decorators.find((one) => one.name === decorator)?.args[0];
        const given = argument && (argument.type === 'array' ? children(argument).map(literal) : literal(argument));
        if (JSON.stringify(given) !== JSON.stringify(wanted)) {
            const text = JSON.stringify(wanted).replaceAll('"', "'");
            findings.at(main, argument ?? param.nameNode, `'${name}' needs @${decorator}(${text}): ${why}`);
        }
    }
}

/** The page of the templates has every parameter and output in backticks. */
function checkDocumented(project, main, findings) {
    const page = project.read('bicep/README.md') ?? '';
    for (const one of [...main.params.values(), ...main.outputs.values()]) {
        if (!page.split('\n').some((line) => line.startsWith('|') && line.includes(`\`${one.name}\``))) {
            findings.at(main, one.nameNode, `bicep/README.md does not say what '${one.name}' is: add a row`);
        }
    }
}

/** The page's tables say the defaults and the grants as they are. */
function checkPage(project, main, { roles, grants }, findings) {
    const path = 'bicep/README.md';
    const page = project.read(path) ?? '';
    const titles = new Set(grants.map((one) => roles[one.role].title));
    for (const row of page.matchAll(/^\| `?([\w ]+?)`? \| ([^|]*?) \|/gm)) {
        const [text, first, cell] = row;
        const place = row.index + text.lastIndexOf(cell);
        const value = main.params.has(first) ? main.params.get(first).value : undefined;
        const given = /^`(.*)`$/.exec(cell)?.[1] ?? cell;
        const wanted = value && literal(value);
        if (!['', undefined].includes(wanted) && String(wanted) !== given) {
            findings.atOffset(path, page, place, `the default of '${first}' is ${wanted}, not ${given}`);
        }
        if (/^(Storage|Key Vault|Monitoring) [A-Z]/.test(cell) && !titles.delete(cell)) {
            findings.atOffset(path, page, place, `nobody gets the role '${cell}': write what data/roles.json has`);
        }
    }
    for (const title of titles) {
        findings.add(path, 1, 1, `the table of roles lacks '${title}'`);
    }
}

/** Names that are nearly those of parameters or outputs, and outputs that are none. */
function checkReader(path, text, main, known, findings) {
    const own = [...main.params.keys(), ...main.outputs.keys()];
    for (const match of text.matchAll(/\b[a-z]+[a-z0-9]*[A-Z][A-Za-z0-9]*\b/g)) {
        const name = match[0];
        const near = name.length < 8 || known.has(name) ? undefined : nearest(name, own);
        if (near !== undefined) {
            findings.atOffset(path, text, match.index, `main.bicep has no '${name}'; did you mean '${near}'?`);
        }
    }
    for (const line of text.matchAll(/--parameters .*/g)) {
        for (const match of line[0].matchAll(/[\s"']([a-z]\w*)=/g)) {
            if (!main.params.has(match[1])) {
                const near = suggestion(match[1], main.params.keys());
                const message = `main.bicep has no parameter '${match[1]}'${near}`;
                findings.atOffset(path, text, line.index + match.index + 1, message);
            }
        }
    }
    for (const match of text.matchAll(/\boutputs\.([A-Za-z]\w*)/g)) {
        if (!main.outputs.has(match[1]) && known.has(match[1])) {
            const near = suggestion(match[1], main.outputs.keys());
            findings.atOffset(
                path,
                text,
                match.index + 'outputs.'.length,
                `main.bicep has no output '${match[1]}'${near}`,
            );
        }
    }
}
