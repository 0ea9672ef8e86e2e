using Tributary.Model;
using Tributary.Storage.Indexes;

namespace Tributary.Storage.Compaction;

/// <summary>Each series' labels by the numbers of their texts in a block to be written. Its memory is bounded.</summary>
/// <param name="symbols">The texts of all labels.</param>
internal sealed class SeriesLabels(SymbolTable symbols)
{
    /// <summary>So many labels are remembered; series are sorted, so those in use are mostly among them.</summary>
    private const int MaxKnown = 64 * 1024;

    private readonly Dictionary<Label, LabelRef> known = [];
    private LabelRef[] labels = new LabelRef[64];

    /// <summary>The texts.</summary>
    public SymbolTable Symbols => symbols;

    /// <summary>A series' labels; valid until the next call.</summary>
    public ReadOnlySpan<LabelRef> Of(LabelSet series)
    {
        var set = series.Labels;
        if (labels.Length < set.Length)
        {
            labels = new LabelRef[set.Length];
        }
        for (var i = 0; i < set.Length; i++)
        {
            if (!known.TryGetValue(set[i], out labels[i]))
            {
                labels[i] = Find(set[i]);
            }
        }
        return labels.AsSpan(0, set.Length);
    }

    private LabelRef Find(Label label)
    {
        if (known.Count == MaxKnown)
        {
            known.Clear();
        }
        var found = new LabelRef(symbols.Find(label.Name), symbols.Find(label.Value));
        known.Add(label, found);
        return found;
    }
}
