// App settings: Bicep, local.settings.sample.json, function.json and the code agree, but for a list with reasons.
import { bodyOf, children, literal, propertyAt, walk } from './bicep-file.mjs';
import { formProblem } from './forms.mjs';
import { jsonAt } from './json.mjs';
import { suggestion } from './text.mjs';
import { typeOf } from './resources.mjs';

const reasons = 'tests/Unit/Bicep/checker/data/app-settings.json';
const samplePath = 'local.settings.sample.json';

/** Compares the places that have app settings. */
export function checkAppSettings(project, files, isWhole, data, findings) {
    const bicep = bicepSettings(files, isWhole, findings);
    const sampleJson = project.json(samplePath, findings);
    const sample = new Map((jsonAt(sampleJson, 'Values')?.entries ?? []).map((one) => [one.key, one.offset]));
    const code = codeSettings(project);
    if (bicep === undefined || sampleJson === undefined) {
        return;
    }
    checkBicep(project, bicep, sample, code, data, findings);
    checkValues(bicep, data, findings);
    checkSample(project, bicep, sample, code, data, findings);
    checkSampleValues(project, sampleJson, data, findings);
    checkTimers(project, findings);
    checkCode(bicep, sample, code, data, findings);
    checkSchedules(project, bicep, sample, findings);
    checkReasons(project, bicep, sample, code, data, findings);
}

/** Why Flex Consumption must not have a setting, or undefined. Names of app settings are the same in whatever case. */
export function whyForbidden(name, data) {
    const key = Object.keys(data.forbiddenOnFlex).find((one) => one.toLowerCase() === name.toLowerCase());
    return key && data.forbiddenOnFlex[key];
}

/** Whether the Functions host takes a setting by its form: a part of host.json, or a function that is switched off. */
export function isOfHost(name, project) {
    const off = /^AzureWebJobs(?:\.|__)(\w+?)(?:\.|__)Disabled$/.exec(name);
    const isFunction = off !== null && project.read(`functions/${off[1]}/function.json`) !== undefined;
    return isFunction || /^AzureFunctionsJobHost__\w+$/.test(name);
}

/** Names of settings that the code and its function.json know: name to where. */
export function codeSettings(project) {
    const names = new Map();
    for (const path of project.list('functions', '/function.json')) {
        const text = project.read(path);
        for (const match of text.matchAll(/%([^%"\s]+)%/g)) {
            names.set(match[1], names.get(match[1]) ?? { path, text, offset: match.index + 1 });
        }
    }
    for (const [name, place] of project.derived('settings', '.cs', () => settingsOfCode(project))) {
        names.set(name, place);
    }
    return names;
}

function settingsOfCode(project) {
    const names = new Map();
    for (const path of ['core', 'functions'].flatMap((folder) => project.list(folder, '.cs'))) {
        const text = project.read(path);
        for (const match of text.matchAll(/"(TRIBUTARY_[A-Z0-9_]*[A-Z0-9])"/g)) {
            names.set(match[1], names.get(match[1]) ?? { path, text, offset: match.index });
        }
        const host = /Variable = "(AzureWebJobsStorage)"/.exec(text);
        if (host !== null) {
            names.set(host[1], { path, text, offset: host.index });
            for (const match of text.matchAll(/Variable = Variable \+ "(__\w+)"/g)) {
                names.set(host[1] + match[1], { path, text, offset: match.index });
            }
        }
    }
    return names;
}

/** The settings of the resource sites/config 'appsettings': name to { file, node }. */
function bicepSettings(files, isWhole, findings) {
    const found = new Map();
    let resources = 0;
    for (const file of files) {
        for (const resource of file.resources.values()) {
            if (typeOf(resource) !== 'Microsoft.Web/sites/config') {
                continue;
            }
            resources++;
            for (const node of walk(propertyAt(bodyOf(resource), 'properties') ?? resource.node)) {
                if (node.type === 'object_property') {
                    const [keyNode] = children(node);
                    const name = keyNode.type === 'string' ? literal(keyNode) : keyNode.text;
                    found.set(name, { file, node: keyNode, value: children(node).at(-1) });
                }
            }
        }
    }
    if (resources === 0 && isWhole) {
        findings.add(
            'bicep/main.bicep',
            1,
            1,
            "there is no resource Microsoft.Web/sites/config 'appsettings', so the app has no settings",
        );
    }
    return resources === 0 ? undefined : found;
}

function checkBicep(project, bicep, sample, code, data, findings) {
    for (const [name, { file, node }] of bicep) {
        const forbidden = whyForbidden(name, data);
        if (forbidden !== undefined) {
            findings.at(file, node, `take '${name}' out, Flex Consumption must not have it: ${forbidden}`);
        } else if (!code.has(name) && !Object.hasOwn(data.hostOnly, name) && !isOfHost(name, project)) {
            const near = suggestion(name, [...code.keys(), ...Object.keys(data.hostOnly)]);
            findings.at(file, node, `neither the code nor the host knows the setting '${name}'${near}`);
        } else if (!sample.has(name) && !Object.hasOwn(data.azureOnly, name)) {
            findings.at(
                file,
                node,
                `'${name}' is not in ${samplePath}: add it there, or a reason to azureOnly in ${reasons}`,
            );
        }
    }
}

/** A setting with the value of another is as wrong as one that is missing. */
function checkValues(bicep, data, findings) {
    for (const [name, { is, why }] of Object.entries(data.values)) {
        const { file, value } = bicep.get(name) ?? {};
        if (value !== undefined && value.text !== is) {
            findings.at(file, value, `'${name}' has to be ${is}: ${why}`);
        }
    }
}

function checkSample(project, bicep, sample, code, data, findings) {
    for (const [name, offset] of sample) {
        const say = (message) => findings.atOffset(samplePath, project.read(samplePath), offset, message);
        if (!code.has(name) && !Object.hasOwn(data.hostOnly, name) && !isOfHost(name, project)) {
            say(`neither the code nor the host knows the setting '${name}'${suggestion(name, code.keys())}`);
        } else if (!bicep.has(name) && !Object.hasOwn(data.localOnly, name)) {
            say(
                `'${name}' is not set by bicep/modules/functionapp.bicep: add it there, or a reason to localOnly in ${reasons}`,
            );
        }
    }
}

/** What func reads from the sample: texts, each of its form. */
function checkSampleValues(project, sampleJson, { sampleValues }, findings) {
    const say = (node, message) => findings.atOffset(samplePath, project.read(samplePath), node.offset, message);
    const encrypted = jsonAt(sampleJson, 'IsEncrypted');
    if (encrypted?.value !== false) {
        say(encrypted ?? sampleJson, "'IsEncrypted' has to be false: these values are plain texts");
    }
    for (const { key, value } of jsonAt(sampleJson, 'Values')?.entries ?? []) {
        const form = "a schedule of six fields, from seconds to days of the week, as in '0 * * * * *'";
        if (value.kind !== 'string') {
            say(value, `'${key}' has to be a text: func takes nothing else`);
        } else if (sampleValues[key] !== undefined && sampleValues[key].is !== value.value) {
            say(value, `'${key}' has to be ${sampleValues[key].is}: ${sampleValues[key].why}`);
        } else if (key.endsWith('_SCHEDULE') && formProblem({ format: 'schedule', form }, value.value)) {
            say(value, `'${key}': ${formProblem({ format: 'schedule', form }, value.value)}`);
        }
    }
}

/** Each timer has a setting of its own as its schedule; another text is taken for the schedule itself. */
function checkTimers(project, findings) {
    for (const path of project.list('functions', '/function.json')) {
        const json = project.json(path, findings);
        for (const binding of jsonAt(json, 'bindings')?.items ?? []) {
            const wanted = `%TRIBUTARY_${path.split('/').at(-2).toUpperCase()}_SCHEDULE%`;
            const schedule = jsonAt(binding, 'schedule');
            if (jsonAt(binding, 'type')?.value === 'timerTrigger' && schedule?.value !== wanted) {
                const place = schedule ?? binding;
                findings.atOffset(path, project.read(path), place.offset, `the schedule of this timer has to be ${wanted}`);
            }
        }
    }
}

function checkCode(bicep, sample, code, data, findings) {
    for (const [name, { path, text, offset }] of code) {
        if (!bicep.has(name) && !sample.has(name) && !Object.hasOwn(data.codeOnly, name)) {
            findings.atOffset(
                path,
                text,
                offset,
                `the setting '${name}' is neither in Bicep nor in ${samplePath}: add it there, or a reason to codeOnly in ${reasons}`,
            );
        }
    }
}

function checkSchedules(project, bicep, sample, findings) {
    for (const path of [...project.list('functions', '/function.json'), 'functions/host.json']) {
        const text = project.read(path) ?? '';
        for (const match of text.matchAll(/%([^%"\s]+)%/g)) {
            const name = match[1];
            const missing = [
                bicep.has(name) ? '' : 'bicep/modules/functionapp.bicep',
                sample.has(name) ? '' : samplePath,
            ].filter(Boolean);
            if (missing.length > 0) {
                findings.atOffset(
                    path,
                    text,
                    match.index + 1,
                    `'${name}' is not set in ${missing.join(' and ')}: without it, the host does not start this function`,
                );
            }
        }
    }
}

/** A reason that no longer applies hides the next mistake. */
function checkReasons(project, bicep, sample, code, data, findings) {
    const stale = {
        localOnly: (name) => !sample.has(name) || (bicep.has(name) && whyForbidden(name, data) === undefined),
        azureOnly: (name) => !bicep.has(name) || sample.has(name),
        codeOnly: (name) => !code.has(name) || bicep.has(name) || sample.has(name),
        hostOnly: (name) => code.has(name) || !(bicep.has(name) || sample.has(name)),
    };
    const text = project.read(reasons) ?? '';
    for (const [list, isStale] of Object.entries(stale)) {
        for (const name of Object.keys(data[list]).filter(isStale)) {
            const offset = Math.max(0, text.indexOf(`"${name}"`, text.indexOf(`"${list}"`)));
            findings.atOffset(
                reasons,
                text,
                offset,
                `the reason for '${name}' in ${list} no longer applies: take it out`,
            );
        }
    }
}
