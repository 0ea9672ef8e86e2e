using System.Globalization;
using System.Text;
using Tributary.Model;

namespace Tributary.Discovery;

/// <summary>Collects the labels of a target or of a group: later ones win, and empty ones are none.</summary>
/// <remarks>Sets that many targets share are merged as they are, sorted: large clusters have millions of such labels.</remarks>
/// <param name="prefix">What the names begin with.</param>
internal sealed class MetaLabels(string prefix)
{
    private const string AddressLabel = "__address__";

    private readonly Dictionary<string, Label> own = new(StringComparer.Ordinal);
    private Label[] merged = [];

    /// <summary>How many labels there are.</summary>
    public int Count => Merge().Length;

    /// <summary>A part of a label's name: what is no letter of ASCII, digit or underscore becomes an underscore.</summary>
    public static string NamePart(string text)
    {
        if (text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            return text;
        }
        var output = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var isPlain = rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value == '_');
            output.Append(isPlain ? (char)rune.Value : '_');
        }
        return output.ToString();
    }

    /// <summary>Host and port as an address: an IPv6 address in brackets.</summary>
    public static string HostAndPort(string host, long port) =>
        host.AsSpan().ContainsAny(':', '%')
            ? string.Create(CultureInfo.InvariantCulture, $"[{host}]:{port}")
            : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");

    /// <summary>A label, by its name without the prefix.</summary>
    public MetaLabels Set(string name, string value) => Put(prefix + name, value);

    /// <summary>The same for a truth value; null is none.</summary>
    public MetaLabels Set(string name, bool? value) => value is { } flag ? Set(name, flag ? "true" : "false") : this;

    /// <summary>The same for a number; null is none.</summary>
    public MetaLabels Set(string name, int? value) =>
        value is { } number ? Set(name, number.ToString(CultureInfo.InvariantCulture)) : this;

    /// <summary>The address of the target.</summary>
    public MetaLabels SetAddress(string address) => Put(AddressLabel, address);

    /// <summary>A label, by its whole name.</summary>
    public MetaLabels Put(string name, string value)
    {
        own[name] = new Label(name, value);
        return this;
    }

    /// <summary>Labels that are made already.</summary>
    public MetaLabels Add(LabelSet others)
    {
        Merge();
        merged = Merge(merged, others.Labels);
        return this;
    }

    /// <summary>The labels.</summary>
    public LabelSet Build() => LabelSet.FromSorted(Merge());

    /// <summary>All labels so far, sorted.</summary>
    private Label[] Merge()
    {
        if (own.Count > 0)
        {
            var sorted = own.Values.ToArray();
            Array.Sort(sorted);
            merged = Merge(merged, sorted);
            own.Clear();
        }
        return merged;
    }

    /// <summary>Two sorted lists as one; of equal names the second counts, and takes the label away where it is empty.</summary>
    private static Label[] Merge(ReadOnlySpan<Label> first, ReadOnlySpan<Label> second)
    {
        var output = new Label[first.Length + second.Length];
        var (count, i, j) = (0, 0, 0);
        while (i < first.Length || j < second.Length)
        {
            var order =
                i == first.Length ? 1
                : j == second.Length ? -1
                : Utf8Order.Compare(first[i].Name, second[j].Name);
            if (order < 0)
            {
                output[count++] = first[i++];
                continue;
            }
            i += order == 0 ? 1 : 0;
            if (second[j].Value.Length > 0)
            {
                output[count++] = second[j];
            }
            j++;
        }
        return count == output.Length ? output : output[..count];
    }
}
