using Tributary.Configuration;
using Tributary.Model;

namespace Tributary.Api;

/// <summary>What <c>/federate</c> adds to a series that does not have it: the external labels, and an empty instance.</summary>
/// <remarks>
/// <c>instance=""</c> keeps a reader with <c>honor_labels</c> from putting our address there; an external label named
/// <c>instance</c> takes its place.
/// </remarks>
public sealed class ExternalLabels
{
    private const string Instance = "instance";
    private readonly byte[][] prefixes;
    private readonly byte[][] texts;
    private readonly Label[] additions;
    private readonly bool[] startsPrefix = new bool[byte.MaxValue + 1];
    private readonly LabelSet configured;

    /// <summary>The additions of a configuration with these external labels.</summary>
    /// <param name="configured">The external labels.</param>
    /// <param name="escaping">How names that are not legacy ones are written.</param>
    public ExternalLabels(LabelSet configured, NameEscapingScheme escaping = NameEscapingScheme.Underscores)
    {
        this.configured = configured;
        Escaping = escaping;
        var labels = configured.Labels.ToArray().ToList();
        if (!labels.Exists(label => string.Equals(label.Name, Instance, StringComparison.Ordinal)))
        {
            labels.Add(new Label(Instance, ""));
        }
        labels.Sort();
        additions = [.. EscapedLabels.Of(labels.ToArray(), escaping)];
        texts = [.. additions.Select(label => label.Text.ToArray())];
        prefixes = [.. texts.Select(text => text[..(text.IndexOf((byte)'=') + 1)])];
        foreach (var prefix in prefixes)
        {
            startsPrefix[prefix[0]] = true;
        }
    }

    /// <summary>How names that are not legacy ones are written.</summary>
    public NameEscapingScheme Escaping { get; }

    /// <summary>How many labels can be added to a series.</summary>
    public int Count => texts.Length;

    /// <summary>The same additions for an answer with another escaping scheme.</summary>
    public ExternalLabels In(NameEscapingScheme escaping) =>
        escaping == Escaping ? this : new ExternalLabels(configured, escaping);

    /// <summary>The label at <paramref name="index"/>, in the order of names.</summary>
    public ReadOnlySpan<byte> Text(int index) => texts[index];

    /// <summary>The label at <paramref name="index"/> itself.</summary>
    internal Label LabelAt(int index) => additions[index];

    /// <summary>Which of the additions a label of a series stands in for, or -1.</summary>
    /// <param name="text">The text of a label of the series.</param>
    public int IndexOf(ReadOnlySpan<byte> text)
    {
        if (startsPrefix[text[0]])
        {
            for (var i = 0; i < prefixes.Length; i++)
            {
                if (text.StartsWith(prefixes[i]))
                {
                    return i;
                }
            }
        }
        return -1;
    }
}
