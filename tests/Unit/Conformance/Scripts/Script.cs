namespace Tributary.Tests.Unit.Conformance.Scripts;

/// <summary>A PromQL test script; <c>conformance/README.md</c>, section 1, describes the format.</summary>
internal static class Script
{
    /// <summary>The commands of a file.</summary>
    /// <exception cref="FormatException">A line is no command; the message tells which.</exception>
    public static IEnumerable<ScriptCommand> Read(string path)
    {
        string[] lines = [.. File.ReadAllLines(path).Select(Clean)];
        for (var next = 0; next < lines.Length; )
        {
            var first = lines[next].Split([' ', '\t'], 2)[0];
            if (first.Length == 0)
            {
                next++;
            }
            else if (first.Equals("clear", StringComparison.OrdinalIgnoreCase))
            {
                next++;
                yield return new ScriptClear();
            }
            else if (first.StartsWith("load", StringComparison.OrdinalIgnoreCase))
            {
                var end = Array.FindIndex(lines, next, line => line.Length == 0);
                end = end < 0 ? lines.Length : end;
                yield return ScriptLoad.Parse(lines[next], lines[(next + 1)..end]);
                next = end;
            }
            else if (first.StartsWith("eval", StringComparison.OrdinalIgnoreCase))
            {
                yield return ScriptEval.Parse(lines, ref next);
            }
            else
            {
                throw new FormatException($"line {next + 1}: invalid command: {lines[next]}");
            }
        }
    }

    private static string Clean(string line)
    {
        var trimmed = line.Trim();
        return trimmed.StartsWith('#') ? "" : trimmed;
    }
}
