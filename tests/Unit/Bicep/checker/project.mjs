// The files of the project, with others laid over them: so a test can plant mistakes without writing any.
import fs from 'node:fs';
import path from 'node:path';
import { JsonError, parseJson } from './json.mjs';

const generated = new Set(['bin', 'obj', 'node_modules', 'artifacts', 'data', '.git']);

export class Project {
    #root;
    #over;
    #cache;

    /**
     * @param root the folder of the project
     * @param over path to text; null is a file that is not there
     * @param cache texts and lists of files, for several projects of one root
     */
    constructor(root, over = {}, cache = new Map()) {
        this.#root = root;
        this.#over = over;
        this.#cache = cache;
    }

    /** The text of a file, or undefined. */
    read(name) {
        if (name in this.#over) {
            return this.#over[name] ?? undefined;
        }
        if (!this.#cache.has(name)) {
            const full = path.join(this.#root, name);
            const isFile = fs.existsSync(full) && fs.statSync(full).isFile();
            this.#cache.set(name, isFile ? fs.readFileSync(full, 'utf8') : undefined);
        }
        return this.#cache.get(name);
    }

    /** The files below a folder whose names end so, sorted. */
    list(folder, ending = '') {
        const key = `${folder}|${ending}`;
        if (!this.#cache.has(key)) {
            this.#cache.set(
                key,
                this.#walk(folder).filter((name) => name.endsWith(ending)),
            );
        }
        const added = Object.keys(this.#over).filter((name) => name.startsWith(`${folder}/`) && name.endsWith(ending));
        const all = new Set([...this.#cache.get(key), ...added]);
        return [...all].filter((name) => this.#over[name] !== null).sort();
    }

    /** What follows from the files whose names end so; worked out once where none of them is laid over. */
    derived(name, ending, compute) {
        if (Object.keys(this.#over).some((one) => one.endsWith(ending))) {
            return compute();
        }
        const key = `derived|${name}`;
        if (!this.#cache.has(key)) {
            this.#cache.set(key, compute());
        }
        return this.#cache.get(key);
    }

    /** A JSON file with places; what is wrong with it is a finding. */
    json(name, findings) {
        const text = this.read(name);
        if (text === undefined) {
            findings.add(name, 1, 1, 'this file is missing');
            return undefined;
        }
        try {
            return parseJson(text);
        } catch (error) {
            if (!(error instanceof JsonError)) {
                throw error;
            }
            findings.atOffset(name, text, error.offset, `no JSON: ${error.message}`);
            return undefined;
        }
    }

    #walk(folder) {
        const full = path.join(this.#root, folder);
        if (!fs.existsSync(full)) {
            return [];
        }
        return fs.readdirSync(full, { withFileTypes: true }).flatMap((entry) => {
            const name = `${folder}/${entry.name}`;
            if (!entry.isDirectory()) {
                return entry.isFile() ? [name] : [];
            }
            return generated.has(entry.name) ? [] : this.#walk(name);
        });
    }
}
