// Forms of texts: schedules, networks, and those that an expression says.

const names = {
    months: 'JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC',
    days: 'SUN|MON|TUE|WED|THU|FRI|SAT',
};
const sixty = '[0-5]?\\d';
const fields = [sixty, sixty, '1?\\d|2[0-3]', '[12]?[1-9]|10|20|30|31', `[1-9]|1[0-2]|${names.months}`, `[0-7]|${names.days}`];
const schedule = new RegExp(`^${fields.map(field).join(' +')}$`, 'i');

/** Says how a text does not have a form, or undefined: 'schedule', 'network', or a regular expression. */
export function formProblem({ format, form }, value) {
    const isWell =
        format === 'schedule' ? schedule.test(value) : format === 'network' ? isNetwork(value) : new RegExp(format).test(value);
    return isWell ? undefined : `'${value}' is not ${form}`;
}

/** One field of a schedule: *, or values and ranges with commas, each with a step or without. */
function field(values) {
    const one = `(?:\\*|(?:${values})(?:-(?:${values}))?)(?:/[1-9]\\d?)?`;
    return `${one}(?:,${one})*`;
}

/** A network of 256 addresses or more, by its first address. */
function isNetwork(value) {
    const [, address, size] = /^(\d{1,3}(?:\.\d{1,3}){3})\/(8|9|1\d|2[0-4])$/.exec(value) ?? [];
    const bytes = (address ?? '').split('.').map(Number);
    const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    return address !== undefined && bytes.every((byte) => byte < 256) && number % 2 ** (32 - Number(size)) === 0;
}
