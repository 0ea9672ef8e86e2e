using Tributary.Configuration.Yaml;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>
/// Which fields a YAML file may have, as text: <c>a! b{c d} e{*} f~</c>. A field with braces is a mapping, or a list of
/// such; one without is a single value, or a list of those. <c>!</c> has to be there, <c>*</c> is any name, <c>~</c> is
/// anything.
/// </summary>
internal sealed class YamlShape
{
    private const string AnyName = "*";

    private readonly Dictionary<string, Field> fields = new(StringComparer.Ordinal);

    private YamlShape() { }

    /// <summary>Reads the text form.</summary>
    public static YamlShape Of(string text)
    {
        var words = new Queue<string>(
            text.Replace("{", " { ", StringComparison.Ordinal)
                .Replace("}", " } ", StringComparison.Ordinal)
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        );
        var shape = Read(words);
        return words.Count == 0 ? shape : throw new ArgumentException("a brace is closed too often", nameof(text));
    }

    /// <summary>Adds what a node has too much, too little, or of another kind.</summary>
    public void Check(YamlNode? node, string file, List<string> problems) => Check(node, file, "", problems);

    private static YamlShape Read(Queue<string> words)
    {
        var shape = new YamlShape();
        while (words.TryDequeue(out var word) && word != "}")
        {
            var name = word.TrimEnd('!', '~');
            YamlShape? inner = null;
            if (words.TryPeek(out var next) && next == "{")
            {
                words.Dequeue();
                inner = Read(words);
            }
            shape.fields.Add(name, new Field(inner, word.EndsWith('!'), word.EndsWith('~')));
        }
        return shape;
    }

    private void Check(YamlNode? node, string file, string path, List<string> problems)
    {
        switch (node)
        {
            case null or YamlScalar { IsNull: true }:
                CheckMissing(null, $"{file}: {path}", problems);
                break;
            case YamlMapping mapping:
                CheckFields(mapping, file, path, problems);
                break;
            case YamlSequence list:
                foreach (var item in list.Items)
                {
                    Check(item, file, path, problems);
                }
                break;
            default:
                problems.Add($"{file}:{node.At.Line}: {path} has to have fields");
                break;
        }
    }

    private void CheckFields(YamlMapping mapping, string file, string path, List<string> problems)
    {
        CheckMissing(mapping, $"{file}:{mapping.At.Line}: {path}", problems);
        foreach (var entry in mapping.Entries)
        {
            var name = path.Length == 0 ? entry.Key : $"{path}.{entry.Key}";
            if (!fields.TryGetValue(entry.Key, out var field) && !fields.TryGetValue(AnyName, out field))
            {
                problems.Add($"{file}:{entry.KeyAt.Line}: unknown field {name}");
            }
            else if (field.Shape is { } shape)
            {
                shape.Check(entry.Value, file, name, problems);
            }
            else if (!field.IsAnything && !IsPlain(entry.Value))
            {
                problems.Add($"{file}:{entry.KeyAt.Line}: {name} has to be a single value, or a list of those");
            }
        }
    }

    private void CheckMissing(YamlMapping? mapping, string where, List<string> problems) =>
        problems.AddRange(
            fields
                .Where(field => field.Value.IsNeeded && mapping?.Find(field.Key) is null)
                .Select(field => $"{where} lacks the field {field.Key}")
        );

    private static bool IsPlain(YamlNode node) =>
        node is YamlScalar || (node is YamlSequence list && list.Items.All(item => item is YamlScalar));

    private readonly record struct Field(YamlShape? Shape, bool IsNeeded, bool IsAnything);
}
