// A syntax tree as plain objects: the parser's own nodes are made anew, across to its memory, at each look.

/** A node, with the parser's names for what is used of it. Rows and columns count from 0. */
class Node {
    #fields = new Map();

    constructor(node, text, parent, ids) {
        this.id = ids.next++;
        this.type = node.type;
        this.text = text.slice(node.startIndex, node.endIndex);
        this.startPosition = node.startPosition;
        this.isMissing = node.isMissing;
        this.isNamed = node.isNamed;
        this.hasError = node.hasError;
        this.parent = parent;
        this.children = [];
        for (let index = 0; index < node.childCount; index++) {
            const child = new Node(node.child(index), text, this, ids);
            const field = node.fieldNameForChild(index);
            this.children.push(child);
            if (field !== null && !this.#fields.has(field)) {
                this.#fields.set(field, child);
            }
        }
        this.namedChildren = this.children.filter((one) => one.isNamed);
    }

    /** The child of a field, or null. */
    childForFieldName(name) {
        return this.#fields.get(name) ?? null;
    }
}

/** The tree of a text. */
export function parseTree(text, parser) {
    const tree = parser.parse(text);
    const root = new Node(tree.rootNode, text, null, { next: 1 });
    tree.delete();
    return root;
}
