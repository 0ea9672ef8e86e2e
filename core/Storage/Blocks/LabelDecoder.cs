using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Indexes;

namespace Tributary.Storage.Blocks;

/// <summary>Turns symbols into labels; a label that many series have is made once. For one selection at a time.</summary>
/// <param name="index">Has the texts.</param>
/// <param name="table">Makes equal labels one object.</param>
internal sealed class LabelDecoder(IndexReader index, SeriesTable table)
{
    private readonly Dictionary<uint, string> texts = [];
    private readonly Dictionary<LabelRef, Label> labels = [];
    private readonly SortedSet<uint> missing = [];
    private readonly List<Label> set = [];

    /// <summary>Asks for the texts of a series' labels.</summary>
    public void Want(ReadOnlySpan<LabelRef> series)
    {
        foreach (var label in series)
        {
            if (!labels.ContainsKey(label))
            {
                WantText(label.Name);
                WantText(label.Value);
            }
        }
    }

    /// <summary>Reads what was asked for.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        if (missing.Count > 0)
        {
            await index.ReadSymbolsAsync([.. missing], texts, cancellationToken);
            missing.Clear();
        }
    }

    /// <summary>A text that was read.</summary>
    public string Text(uint symbol) => texts[symbol];

    /// <summary>The labels of a series, whose texts were read.</summary>
    /// <exception cref="CorruptDataException">They are not in order.</exception>
    public LabelSet Decode(ReadOnlySpan<LabelRef> series, long offset)
    {
        set.Clear();
        foreach (var reference in series)
        {
            if (!labels.TryGetValue(reference, out var label))
            {
                label = table.Labels.Intern(texts[reference.Name], texts[reference.Value]);
                labels.Add(reference, label);
            }
            if (set.Count > 0 && Utf8Order.Compare(set[^1].Name, label.Name) >= 0)
            {
                throw new CorruptDataException(index.File.Name, offset, "the labels of the series are not in order");
            }
            if (label.Value.Length > 0)
            {
                set.Add(label);
            }
        }
        return table.Intern(LabelSet.FromSorted([.. set]));
    }

    private void WantText(uint symbol)
    {
        if (!texts.ContainsKey(symbol))
        {
            missing.Add(symbol);
        }
    }
}
