using System.Buffers;
using System.Text;

namespace Tributary.Model;

/// <summary>One name and value of a series. Names and values are any UTF-8 text; the value is never empty.</summary>
/// <remarks>
/// <see cref="Text"/> is the pair as the text format writes it, <c>name="value"</c> with <c>\\</c>, <c>\"</c> and
/// <c>\n</c> escaped, in UTF-8: readers look labels up by it and writers copy it, so neither escapes twice. Equal labels
/// are usually the same object (<see cref="LabelTable"/>), but nothing depends on that.
/// </remarks>
public sealed class Label : IEquatable<Label>, IComparable<Label>
{
    private static readonly SearchValues<byte> Controls = SearchValues.Create([
        .. Enumerable.Range(0, ' ').Select(i => (byte)i),
    ]);

    private readonly byte[] text;
    private readonly int hash;

    /// <summary>A label of <paramref name="name"/> and <paramref name="value"/>, both unescaped.</summary>
    public Label(string name, string value)
    {
        Name = name;
        Value = value;
        text = LabelText.Render(name, value);
        hash = unchecked((int)ByteHash.Compute(text));
        IsPlain = text[0] != '"' && text.AsSpan().IndexOfAny(Controls) < 0;
    }

    /// <summary>The unescaped name.</summary>
    public string Name { get; }

    /// <summary>The unescaped value.</summary>
    public string Value { get; }

    /// <summary><c>name="value"</c>, escaped, UTF-8.</summary>
    public ReadOnlySpan<byte> Text => text;

    /// <summary>
    /// Whether <see cref="Text"/> begins with the name as it is and has no control characters, so that what stands behind
    /// <c>=</c> is the value as JSON writes it.
    /// </summary>
    internal bool IsPlain { get; }

    /// <summary>Orders by name, then value, both as UTF-8 bytes, as Prometheus does.</summary>
    public int CompareTo(Label? other)
    {
        if (ReferenceEquals(this, other))
        {
            return 0;
        }
        if (other is null)
        {
            return 1;
        }
        var byName = Utf8Order.Compare(Name, other.Name);
        return byName != 0 ? byName : Utf8Order.Compare(Value, other.Value);
    }

    /// <inheritdoc/>
    public bool Equals(Label? other) =>
        ReferenceEquals(this, other)
        || (other is not null && hash == other.hash && text.AsSpan().SequenceEqual(other.text));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Label);

    /// <inheritdoc/>
    public override int GetHashCode() => hash;

    /// <inheritdoc/>
    public override string ToString() => Encoding.UTF8.GetString(text);
}
