// Grammar: what the parser cannot read, and braces by their indentation, because the parser sees those too late.

/** Reports what keeps the file from being read. */
export function checkSyntax(file, findings) {
    if (!file.hasError) {
        return;
    }
    const open = [...tokens(file.text)].find((one) => one.sign === "'");
    if (open !== undefined) {
        findings.atOffset(file.path, file.text, open.offset, "this text does not end in its line: ' is missing");
        return;
    }
    const brackets = firstWrongBracket(file.text);
    if (brackets !== undefined) {
        findings.atOffset(file.path, file.text, brackets.offset, brackets.message);
        return;
    }
    const before = findings.sorted().length;
    report(file, file.root, findings);
    if (findings.sorted().length === before) {
        findings.add(file.path, 1, 1, 'the grammar of Bicep does not take this file');
    }
}

function report(file, node, findings) {
    if (node.isMissing) {
        findings.at(file, node, `'${node.type}' is missing here`);
        return;
    }
    if (node.type === 'ERROR') {
        const text = node.text.split('\n')[0].slice(0, 40);
        findings.at(file, node, `the grammar of Bicep does not take this: ${text}`);
        return;
    }
    if (node.hasError) {
        for (const child of node.children) {
            report(file, child, findings);
        }
    }
}

const closers = { '{': '}', '[': ']', '(': ')' };

/** The first bracket without its other, or whose other stands on a line that is indented differently. */
function firstWrongBracket(text) {
    const open = [];
    for (const { offset, sign } of tokens(text)) {
        if (sign in closers) {
            open.push({ offset, sign, indent: indentOf(text, offset) });
            continue;
        }
        const last = open.pop();
        if (last === undefined) {
            return { offset, message: `this '${sign}' closes nothing: take it out, or open one before it` };
        }
        const isFirstOnLine = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset).trim() === '';
        const isOfAnotherLine = text.slice(last.offset, offset).includes('\n');
        if (
            closers[last.sign] !== sign ||
            (isFirstOnLine && isOfAnotherLine && indentOf(text, offset) !== last.indent)
        ) {
            return {
                offset: last.offset,
                message: `this '${last.sign}' is not closed by a '${closers[last.sign]}' of its own`,
            };
        }
    }
    const last = open.pop();
    return (
        last && {
            offset: last.offset,
            message: `this '${last.sign}' is never closed: '${closers[last.sign]}' is missing`,
        }
    );
}

function indentOf(text, offset) {
    const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1);
    return line.length - line.trimStart().length;
}

/** The brackets outside of texts and comments, and quotes of texts that do not end in their line. */
function* tokens(text) {
    const token = /'''[\s\S]*?'''|'(?:\\.|[^'\\\n])*'|'|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[{}()[\]]/g;
    for (const match of text.matchAll(token)) {
        if (match[0].length === 1) {
            yield { offset: match.index, sign: match[0] };
        }
    }
}
