using System.Globalization;
using System.Text;
using Tributary.Model;

namespace Tributary.Discovery;

/// <summary>Collects the labels of a target or of a group: later ones win, and empty ones are none.</summary>
/// <param name="prefix">What the names begin with.</param>
internal sealed class MetaLabels(string prefix)
{
    private const string AddressLabel = "__address__";

    private readonly Dictionary<string, Label> labels = new(StringComparer.Ordinal);

    /// <summary>The labels, in no order.</summary>
    public IReadOnlyCollection<Label> All => labels.Values;

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
        if (value.Length == 0)
        {
            labels.Remove(name);
        }
        else
        {
            labels[name] = new Label(name, value);
        }
        return this;
    }

    /// <summary>Labels that are made already.</summary>
    public MetaLabels Add(IEnumerable<Label> others)
    {
        foreach (var label in others)
        {
            labels[label.Name] = label;
        }
        return this;
    }

    /// <summary>The labels.</summary>
    public LabelSet Build() => LabelSet.Of(labels.Values);
}
