// What the templates say of the code: log lines of alert rules, functions, containers, tables.
import { bodyOf, children, literal, propertyAt, walk } from './bicep-file.mjs';
import { jsonAt } from './json.mjs';
import { suggestion } from './text.mjs';
import { typeOf } from './resources.mjs';

/** Tables of a workspace-based Application Insights, and those of their columns that rules may use. */
const tables = {
    AppRequests: ['Name', 'Success', 'TimeGenerated', 'ResultCode', 'DurationMs'],
    AppTraces: ['Message', 'SeverityLevel', 'TimeGenerated', 'Properties'],
};

/** Categories of host.json that have to be logged for a table to have rows of ours. */
const categories = { AppRequests: ['Host.Results'], AppTraces: ['Host.Function.Console'] };
const levels = ['Trace', 'Debug', 'Information'];

/** Checks the files against the code. */
export function checkCodeTexts(project, files, data, findings) {
    const functions = new Map(
        project
            .list('functions', '/function.json')
            .map((path) => [path.split('/').at(-2), project.read(path).includes('timerTrigger')]),
    );
    for (const file of files.filter((one) => !one.hasError)) {
        checkAlwaysReady(file, functions, findings);
        for (const resource of file.resources.values()) {
            if (typeOf(resource) === 'Microsoft.Insights/scheduledQueryRules' && bodyOf(resource) !== undefined) {
                checkRule(project, file, resource, functions, findings);
            }
        }
    }
    checkStores(project, files, data, findings);
}

function checkAlwaysReady(file, functions, findings) {
    const timers = [...functions].filter(([, isTimer]) => isTimer).map(([timer]) => timer);
    for (const node of walk(file.root)) {
        if (node.type !== 'object' || propertyAt(node, 'instanceCount') === undefined) {
            continue;
        }
        const name = propertyAt(node, 'name') ?? node;
        const [kind, timer] = String(literal(name)).split(':');
        if (kind === 'function' && !timers.includes(timer)) {
            findings.at(file, name, `'${timer}' is no function with a timer${suggestion(timer ?? '', timers)}`);
        } else if (kind !== 'function' && literal(name) !== 'http') {
            findings.at(
                file,
                name,
                `instances that are always ready are for 'http' or 'function:NAME', not ${name.text}`,
            );
        }
    }
}

function checkRule(project, file, resource, functions, findings) {
    const criteria = propertyAt(bodyOf(resource), 'properties', 'criteria', 'allOf');
    for (const rule of criteria?.type === 'array' ? children(criteria).filter((one) => one.type === 'object') : []) {
        const node = propertyAt(rule, 'query');
        const query = node && literal(node);
        if (typeof query !== 'string') {
            findings.at(file, resource.nameNode, `'${resource.name}' needs a query as a plain text`);
            continue;
        }
        const say = (message) => findings.at(file, node, message);
        const table = query.trim().split(/\s/)[0];
        if (!Object.hasOwn(tables, table)) {
            say(
                `the query begins with '${table}', which is no table of the logs${suggestion(table, Object.keys(tables))}`,
            );
            continue;
        }
        checkQuery(query, table, project, functions, say);
        checkColumn(file, rule, query, findings);
        checkHost(project, table, findings);
    }
}

const condition = /^(?<column>[A-Za-z]\w*) (?<sign>==|!=|contains|has|startswith) (?:'(?<text>[^']*)'|true|false|\d+)$/;

function checkQuery(query, table, project, functions, say) {
    const [, ...lines] = query.trim().split('\n');
    const conditions = lines.flatMap((line) =>
        line.startsWith('| where ') ? line.slice('| where '.length).split(/ and (?=(?:[^']*'[^']*')*[^']*$)/) : [],
    );
    for (const line of lines) {
        if (!line.startsWith('| where ') && !/^\| summarize [A-Za-z]\w* = count\(\)$/.test(line)) {
            say(
                `the query has a line that is neither '| where COLUMN == VALUE and …' nor '| summarize NAME = count()': ${line}`,
            );
        }
    }
    if (conditions.length === 0) {
        say(`the query takes every row of ${table}: add '| where …'`);
    }
    for (const one of conditions) {
        const parts = condition.exec(one)?.groups;
        if (parts === undefined) {
            say(`the query has a condition that is not of the form COLUMN ==|!=|contains|has|startswith VALUE: ${one}`);
        } else if (!tables[table].includes(parts.column)) {
            say(`${table} has no column '${parts.column}'${suggestion(parts.column, tables[table])}`);
        } else if (parts.column === 'Name' && !functions.has(parts.text)) {
            say(`there is no function '${parts.text}'${suggestion(parts.text ?? '', functions.keys())}`);
        } else if (
            parts.column === 'Message' &&
            !logTemplates(project).some((template) => template.includes(parts.text))
        ) {
            say(`the code logs no line with '${parts.text}': take the words of a [LoggerMessage]`);
        }
    }
}

/** What the code logs as warnings and worse; the console has nothing below Information, and alerts should not rest on that. */
function logTemplates(project) {
    return project.derived('log templates', '.cs', () => readTemplates(project));
}

function readTemplates(project) {
    return ['core', 'functions']
        .flatMap((folder) => project.list(folder, '.cs'))
        .flatMap((path) =>
            [
                ...project
                    .read(path)
                    .matchAll(
                        /LoggerMessage\(\s*LogLevel\.(?:Warning|Error|Critical),\s*((?:"(?:\\.|[^"\\])*"\s*\+?\s*)+)/g,
                    ),
            ].map((match) => [...match[1].matchAll(/"((?:\\.|[^"\\])*)"/g)].map((part) => part[1]).join('')),
        );
}

function checkColumn(file, rule, query, findings) {
    const column = propertyAt(rule, 'metricMeasureColumn');
    const made = [...query.matchAll(/summarize\s+([A-Za-z]\w*)\s*=/g)].map((match) => match[1]);
    if (column !== undefined && !made.includes(literal(column))) {
        findings.at(
            file,
            column,
            `the query has no column '${literal(column)}'${suggestion(literal(column) ?? '', made)}`,
        );
    }
}

/** Without these lines of host.json, a rule would look at nothing. */
function checkHost(project, table, findings) {
    const path = 'functions/host.json';
    const host = project.json(path, findings);
    const logLevel = jsonAt(host, 'logging', 'logLevel');
    for (const category of categories[table]) {
        const level = jsonAt(logLevel, category) ?? jsonAt(logLevel, 'default');
        if (host !== undefined && !levels.includes(level?.value ?? 'Information')) {
            findings.atOffset(
                path,
                project.read(path),
                level.offset,
                `the alert rules need '${category}' at Information: bicep/modules/alerts.bicep asks ${table}`,
            );
        }
    }
    // A rule that looks for what is missing needs every row; one that looks for many errors does not.
    const sampling = jsonAt(host, 'logging', 'applicationInsights', 'samplingSettings');
    const isOn = sampling !== undefined && jsonAt(sampling, 'isEnabled')?.value !== false;
    const excluded = jsonAt(sampling, 'excludedTypes')?.value ?? '';
    if (table === 'AppRequests' && isOn && !excluded.split(';').includes('Request')) {
        const message = 'the alert rules need every invocation: write "excludedTypes": "Request"';
        findings.atOffset(path, project.read(path), sampling.offset, message);
    }
}

function checkStores(project, files, data, findings) {
    const code = project.derived('core', '.cs', () =>
        project
            .list('core', '.cs')
            .map((path) => project.read(path))
            .join('\n'),
    );
    const made = new Set();
    for (const file of files) {
        for (const [variable, isTable] of [
            ['dataContainers', false],
            ['dataTables', true],
        ]) {
            const list = file.vars.get(variable)?.value;
            for (const node of list === undefined ? [] : children(list).filter((one) => one.type === 'string')) {
                const name = literal(node);
                made.add(isTable ? undefined : name);
                const isKnown = isTable ? code.includes(`Table = "${name}"`) : new RegExp(`"${name}/`).test(code);
                if (!isKnown) {
                    findings.at(
                        file,
                        node,
                        `the code has no ${isTable ? 'table' : 'container'} '${name}': correct the name, or take it out`,
                    );
                }
            }
        }
        for (const variable of ['configContainer', 'deploymentContainer']) {
            made.add(file.vars.has(variable) ? literal(file.vars.get(variable).value) : undefined);
        }
    }
    checkPrefixes(files, made, findings);
    const isWhole = files.every((file) => !file.hasError);
    for (const { name, why } of data.containers.filter((one) => isWhole && !made.has(one.name))) {
        findings.add('bicep/modules/storage.bicep', 1, 1, `the container '${name}' is not made: ${why}`);
    }
}

/** Lifecycle rules begin with a container; one that is not there would delete nothing, silently. */
function checkPrefixes(files, made, findings) {
    for (const file of files) {
        for (const node of walk(file.root)) {
            const isPrefixes = node.type === 'object_property' && children(node)[0].text === 'prefixMatch';
            for (const prefix of isPrefixes && children(node).at(-1).type === 'array'
                ? children(children(node).at(-1))
                : []) {
                const container = (literal(prefix) ?? '').split('/')[0];
                if (!made.has(container)) {
                    findings.at(
                        file,
                        prefix,
                        `'${container}' is no container that is made here${suggestion(container, [...made].filter(Boolean))}`,
                    );
                }
            }
        }
    }
}
