using Tributary.Configuration.Advice;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Tributary.Configuration.Yaml;

/// <summary>Reads the one document of a YAML file into nodes with places.</summary>
/// <remarks>
/// Built on the parser's events, because the library's own tree gives up at the first repeated key. Depth, size and the
/// work that aliases can cause are bounded.
/// </remarks>
internal sealed class YamlTree
{
    /// <summary>The longest file, in characters.</summary>
    public const int MaxLength = 4 * 1024 * 1024;

    /// <summary>The deepest nesting.</summary>
    public const int MaxDepth = 64;

    /// <summary>The most nodes, each alias counted as all that it stands for.</summary>
    public const int MaxNodes = 500_000;

    private readonly ErrorList errors;
    private readonly Parser parser;
    private readonly string[] lines;
    private readonly bool isOwnFirst;
    private readonly Dictionary<AnchorName, YamlNode> anchors = [];
    private int nodes;

    private YamlTree(string text, ErrorList errors, bool isOwnFirst)
    {
        this.errors = errors;
        this.isOwnFirst = isOwnFirst;
        lines = text.Split('\n');
        parser = new Parser(new StringReader(text));
    }

    /// <summary>The root, or null when the file is empty or cannot be read, which is then in <paramref name="errors"/>.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="errors">Gets what is wrong.</param>
    /// <param name="isOwnFirst">
    /// Whether a mapping's own keys are in effect wherever <c>&lt;&lt;</c> stands, as in Prometheus' files of rules; in its
    /// configuration, what stands further down is.
    /// </param>
    public static YamlNode? Read(string text, ErrorList errors, bool isOwnFirst = false)
    {
        if (text.Length > MaxLength)
        {
            errors.Add(new YamlMark(1, 1), $"the file is longer than {MaxLength} characters");
            return null;
        }
        if (YamlProblem.FirstControlCharacter(text) is { } place)
        {
            var problem =
                "a control character is not allowed in YAML; remove it, or write it as \\u... in double quotes";
            errors.Add(place, problem);
            return null;
        }
        var tree = new YamlTree(text, errors, isOwnFirst);
        try
        {
            return tree.ReadDocument();
        }
        catch (YamlException exception)
        {
            YamlProblem.Report(text, tree.LastLine, exception, errors);
            return null;
        }
        catch (InvalidOperationException)
        {
            // The library's scanner ends so on some texts that are not YAML; it gives no place.
            errors.Add(new YamlMark(tree.LastLine, 1), "not valid YAML in or after this line");
            return null;
        }
    }

    /// <summary>The line of the last part of the file that was understood, from 1.</summary>
    private int LastLine => Math.Max(1, (int)(parser.Current?.Start.Line ?? 1));

    private YamlNode? ReadDocument()
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out _))
        {
            return null;
        }
        parser.Consume<DocumentStart>();
        var root = ReadNode(0);
        parser.Consume<DocumentEnd>();
        if (parser.TryConsume<DocumentStart>(out var second))
        {
            const string Ignored = "a second YAML document begins here; it is ignored, as in Prometheus";
            errors.Warn(Mark(second.Start), Ignored + ": a configuration is one document");
        }
        return root;
    }

    private YamlNode ReadNode(int depth)
    {
        if (depth > MaxDepth)
        {
            throw Refuse($"nested deeper than {MaxDepth} levels");
        }
        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            if (!anchors.TryGetValue(alias.Value, out var target))
            {
                throw new YamlException(
                    alias.Start,
                    alias.End,
                    "this alias has no anchor before it; a text that begins with * needs quotes"
                );
            }
            Count(target.Weight);
            return target;
        }
        Count(1);
        if (parser.Current is not NodeEvent start)
        {
            throw Refuse("a value is missing");
        }
        YamlNode node = start switch
        {
            Scalar => ReadScalar(),
            SequenceStart => ReadSequence(depth),
            _ => ReadMapping(depth),
        };
        if (!start.Anchor.IsEmpty)
        {
            anchors[start.Anchor] = node;
        }
        return node;
    }

    private YamlScalar ReadScalar()
    {
        var scalar = parser.Consume<Scalar>();
        var place = Mark(scalar.Start);
        if (scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific)
        {
            // The library takes this in lists and mappings on one line; Prometheus refuses it everywhere.
            if (scalar is { Style: ScalarStyle.Plain, Value: ['%', ..] })
            {
                errors.Add(place, "a value cannot begin with %; put the value in quotes");
            }
            return new YamlScalar(scalar.Value, scalar.Tag.IsEmpty && scalar.Style == ScalarStyle.Plain, place);
        }
        if (ScalarText.Tagged(scalar.Tag.Value, scalar.Value, place) is { } tagged)
        {
            return tagged;
        }
        errors.Add(place, $"{Words.Quote(scalar.Value)} is not of the type that the YAML tag before it names");
        return new YamlScalar(scalar.Value, IsPlain: true, place);
    }

    private YamlSequence ReadSequence(int depth)
    {
        var start = parser.Consume<SequenceStart>();
        var items = new List<YamlNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(ReadNode(depth + 1));
            CheckIndentation(items[^1].At, start.Style == SequenceStyle.Flow);
        }
        return new YamlSequence(items, Mark(start.Start), 1 + items.Sum(item => item.Weight));
    }

    private YamlMapping ReadMapping(int depth)
    {
        var start = parser.Consume<MappingStart>();
        var entries = new OrderedDictionary<string, YamlEntry>(StringComparer.Ordinal);
        var own = new Dictionary<string, int>(StringComparer.Ordinal);
        YamlMark? first = null;
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = ReadNode(depth + 1);
            first ??= key.At;
            CheckIndentation(key.At, start.Style == MappingStyle.Flow);
            var value = ReadNode(depth + 1);
            if (key is not YamlScalar name)
            {
                var advice = key.At.Line <= lines.Length ? YamlProblem.TemplateAdvice(lines[key.At.Line - 1]) : "";
                errors.Add(key.At, $"{key.Kind} cannot be a key{advice}");
            }
            else if (name is { IsPlain: true, Text: "<<" })
            {
                Merge(value, entries, own);
            }
            else if (own.TryAdd(name.Value, name.At.Line))
            {
                Put(entries, new YamlEntry(name.Value, name.At, value), isOwnFirst);
            }
            else
            {
                errors.Add(
                    name.At,
                    $"{Words.Quote(name.Text)} is given twice: here and in line {own[name.Value]}",
                    Explanations.Twice
                );
            }
        }
        // The library gives the beginning of the file as the place of a mapping in a list on one line: [a: b].
        var isPlaceLost = start.Start is { Line: 1, Column: 1 } && first is { Line: > 1 } && depth > 0;
        var at = isPlaceLost ? first!.Value : Mark(start.Start);
        return new YamlMapping([.. entries.Values], at, 1 + entries.Values.Sum(e => 1 + e.Value.Weight));
    }

    /// <summary>YAML's merge key: the entries of other mappings, the first of them above the others.</summary>
    private void Merge(YamlNode value, OrderedDictionary<string, YamlEntry> entries, Dictionary<string, int> own)
    {
        IEnumerable<YamlNode> sources = value is YamlSequence list ? list.Items.Reverse() : [value];
        foreach (var source in sources)
        {
            if (source is not YamlMapping mapping)
            {
                errors.Add(source.At, $"'<<' merges mappings, not {source.Kind}");
                continue;
            }
            foreach (var entry in mapping.Entries)
            {
                if (!isOwnFirst || !own.ContainsKey(entry.Key))
                {
                    Put(entries, entry, isOwnFirst);
                }
            }
        }
    }

    private static void Put(OrderedDictionary<string, YamlEntry> entries, YamlEntry entry, bool isRepeatable) =>
        entries[entry.Key] = entry with { IsRepeated = !isRepeatable && entries.ContainsKey(entry.Key) };

    /// <summary>The library takes some tabs that YAML, and Prometheus, refuse: in front of what begins in a block.</summary>
    private void CheckIndentation(YamlMark at, bool isInFlow)
    {
        if (isInFlow || at.Line > lines.Length || at.Column > lines[at.Line - 1].Length)
        {
            return;
        }
        var before = lines[at.Line - 1].AsSpan(0, at.Column - 1);
        var tab = before.IndexOf('\t');
        if (tab >= 0 && before.IndexOfAnyExcept(" \t-?") < 0)
        {
            errors.Add(new YamlMark(at.Line, tab + 1), YamlProblem.Tab, Explanations.Tab);
        }
    }

    private void Count(int weight)
    {
        nodes += weight;
        if (nodes > MaxNodes)
        {
            throw Refuse($"more than {MaxNodes} values, aliases counted as what they stand for");
        }
    }

    private YamlException Refuse(string problem)
    {
        var start = parser.Current?.Start ?? YamlDotNet.Core.Mark.Empty;
        return new YamlException(start, start, problem);
    }

    private static YamlMark Mark(Mark mark) => new((int)mark.Line, (int)mark.Column);
}
