using Tributary.Configuration.Advice;
using Tributary.Model;

namespace Tributary.Configuration.Yaml;

/// <summary>A mapping whose fields are known: reads them as values, and reports what is wrong with each.</summary>
internal sealed class Section(YamlMapping mapping, string name, ErrorList errors)
{
    /// <summary>So few fields are named to those who write one that is not known.</summary>
    private const int MaxListedFields = 4;

    /// <summary>What errors call it; empty for the whole file.</summary>
    public string Name => name;

    /// <summary>Where it begins.</summary>
    public YamlMark At => mapping.At;

    /// <summary>The errors of the file.</summary>
    public ErrorList Errors => errors;

    /// <summary>Whether a field is there and says something: not null, and not the empty text.</summary>
    public bool Has(string field) => Field(field) is { } node and not YamlScalar { Text: "" };

    /// <summary>Opens a node as a section.</summary>
    /// <returns>Null when the node is something else, which is then an error.</returns>
    public static Section? Open(YamlNode node, string name, ErrorList errors)
    {
        if (node is YamlMapping mapping)
        {
            return new Section(mapping, name, errors);
        }
        var what = name.Length == 0 ? "a configuration" : name;
        var lacksSpace = node is YamlScalar { IsPlain: true } scalar && scalar.Text.Contains(':');
        var advice = lacksSpace ? "; a space is missing behind the colon" : "";
        errors.Add(node.At, $"{what} must be a mapping of names to values, not {node.Kind}{advice}");
        return null;
    }

    /// <summary>The mapping itself.</summary>
    public YamlMapping Mapping => mapping;

    /// <summary>Opens an item of a field's list as a section of its own; null, and an error, when it is no mapping.</summary>
    public Section? Item(YamlNode node, string field, FieldTable fields)
    {
        if (node is YamlScalar { IsNull: true })
        {
            Refuse(node.At, $"{field} has an empty item");
            return null;
        }
        var item = Open(node, Below(field), errors);
        item?.CheckFields(fields);
        return item;
    }

    /// <summary>Reports the fields that are not known.</summary>
    public void CheckFields(FieldTable fields)
    {
        foreach (var entry in mapping.Entries)
        {
            if (errors.IsFull)
            {
                return;
            }
            if (fields.Names.Contains(entry.Key))
            {
                continue;
            }
            Refuse(entry.KeyAt, ProblemOf(entry.Key, fields));
        }
    }

    /// <summary>Whether a field that is not known may be meant to be this one: what it lacks is told with it already.</summary>
    public bool IsMisspelt(string field, FieldTable fields) =>
        mapping.Entries.Any(entry =>
            !fields.Names.Contains(entry.Key)
            && string.Equals(
                Words.Nearest(entry.Key, fields.Names) ?? Words.Name(entry.Key),
                field,
                StringComparison.Ordinal
            )
        );

    private string ProblemOf(string key, FieldTable fields)
    {
        var name = Words.Name(key);
        if (name.Length < key.Length && key[name.Length] == ':' && fields.Names.Contains(name))
        {
            return $"{name} has no space behind its colon; write {name}: and then the value";
        }
        if (Words.Nearest(key, fields.Names) is { } near)
        {
            return $"unknown field {Words.Quote(key)}; did you mean {near}?";
        }
        if (Name.Length == 0 && key is "groups")
        {
            return $"unknown field {Words.Quote(key)}; a file of rules is named under rule_files";
        }
        return fields.HoldsSecrets
            ? $"unknown field; the fields are {string.Join(", ", fields.Ordered)}"
            : $"unknown field {Words.Quote(name)}{Known(fields)}";
    }

    private static string Known(FieldTable fields) =>
        fields.Ordered.Count <= MaxListedFields ? $"; known here: {string.Join(", ", fields.Ordered)}" : "";

    /// <summary>A field's value, or null when it is absent or empty.</summary>
    public YamlNode? Field(string field) =>
        mapping.Find(field)?.Value is { } value and not YamlScalar { IsNull: true } ? value : null;

    /// <summary>A field that is a section itself.</summary>
    public Section? Child(string field, FieldTable fields)
    {
        var child = Field(field) is { } node ? Open(node, Below(field), errors) : null;
        child?.CheckFields(fields);
        return child;
    }

    /// <summary>A field's items.</summary>
    public IReadOnlyList<YamlNode> List(string field)
    {
        var node = Field(field);
        if (node is null or YamlSequence)
        {
            return (node as YamlSequence)?.Items ?? [];
        }
        var advice = node is YamlMapping { Entries.Count: > 0 } ? "; begin each item with '- '" : "";
        errors.Add(node.At, $"{Below(field)} must be a list, not {node.Kind}{advice}");
        return [];
    }

    /// <summary>A field's entries.</summary>
    public IReadOnlyList<YamlEntry> Map(string field)
    {
        var node = Field(field);
        if (node is null or YamlMapping)
        {
            var entries = (node as YamlMapping)?.Entries ?? [];
            foreach (var entry in entries.Where(entry => entry.IsRepeated))
            {
                var key = Words.Quote(entry.Key);
                errors.Add(entry.KeyAt, $"{Below(field)}: {key} is given twice: once by '<<'; keep one of them");
            }
            return entries;
        }
        errors.Add(node.At, $"{Below(field)} must be a mapping of names to values, not {node.Kind}");
        return [];
    }

    /// <summary>A field that is one text, or null.</summary>
    public string? Text(string field) => Field(field) is { } node ? TextOf(node, field) : null;

    /// <summary>A node that must be one text; nothing counts as the empty text, anything else is an error and null.</summary>
    public string? TextOf(YamlNode node, string field)
    {
        if (node is YamlScalar scalar)
        {
            return scalar.Value;
        }
        var advice = node is YamlMapping { Entries.Count: 1 } ? "; write no space behind the colon, or use quotes" : "";
        errors.Add(node.At, $"{Below(field)} must be a single value, not {node.Kind}{advice}");
        return null;
    }

    /// <summary>A field that is one text: what is given without it, and the empty text for a key without a value.</summary>
    public string? TextOr(string field, string otherwise) =>
        mapping.Find(field) is { } entry ? TextOf(entry.Value, field) : otherwise;

    /// <summary>A field that is true or false, in any of YAML's spellings.</summary>
    public bool Flag(string field, bool otherwise)
    {
        if (Field(field) is not { } node)
        {
            return otherwise;
        }
        if (node is YamlScalar { IsPlain: true } scalar && ScalarText.Flag(scalar.Text) is { } value)
        {
            return value;
        }
        errors.Add(node.At, $"{Below(field)} must be true or false{ScalarText.QuoteHint(node)}");
        return otherwise;
    }

    /// <summary>A flag that holds unless the field is there: a key without a value switches it off, as in Prometheus.</summary>
    public bool FlagUnlessOff(string field, bool otherwise) =>
        mapping.Find(field) is { Value: YamlScalar { IsNull: true } } ? false : Flag(field, otherwise);

    /// <summary>A field's items that must be one text each; an item that is nothing counts as the empty text.</summary>
    public IReadOnlyList<(string Text, YamlMark At)> Texts(string field)
    {
        var texts = new List<(string, YamlMark)>();
        foreach (var node in List(field))
        {
            if (TextOf(node, field) is { } text)
            {
                texts.Add((text, node.At));
            }
        }
        return texts;
    }

    /// <summary>A field that is a duration; null when it is absent, zero, or an error, which is all the same to defaults.</summary>
    public TimeSpan? Duration(string field)
    {
        if (Field(field) is not { } node || TextOf(node, field) is not { } text)
        {
            return null;
        }
        if (!DurationText.TryParse(text, out var duration, out var problem))
        {
            errors.Add(node.At, $"{Below(field)} {Words.Quote(text)}: {problem}");
        }
        return duration == TimeSpan.Zero ? null : duration;
    }

    /// <summary>A field that is one text and says something, or null.</summary>
    public string? NonEmptyText(string field) => Text(field) is { Length: > 0 } text ? text : null;

    /// <summary>Reports an error when more than one of the fields says something; the place is the second one.</summary>
    /// <returns>Whether there was no error.</returns>
    public bool AtMostOne(params ReadOnlySpan<string> fields)
    {
        string? first = null;
        foreach (var field in fields)
        {
            if (Has(field) && first is not null)
            {
                Refuse(Field(field)!.At, $"{first} and {field} exclude each other; keep one of them");
                return false;
            }
            first ??= Has(field) ? field : null;
        }
        return true;
    }

    /// <summary>Reports an error of this section.</summary>
    public void Refuse(YamlMark at, string problem, Explanation? explanation = null) =>
        errors.Add(at, name.Length == 0 ? problem : $"{name}: {problem}", explanation);

    /// <summary>Reports what is no error of this section, but not as the user may think.</summary>
    public void Warn(YamlMark at, string problem, Explanation? explanation = null) =>
        errors.Warn(at, name.Length == 0 ? problem : $"{name}: {problem}", explanation);

    /// <summary>What errors call a field of this section.</summary>
    public string Below(string field) => name.Length == 0 ? field : $"{name}: {field}";
}
