using System.Text;
using Tributary.Model;
using Tributary.Storage.Indexes;

namespace Tributary.Storage.Compaction;

/// <summary>The texts of all labels of a block to be written, and each series' labels by their numbers.</summary>
internal sealed class SeriesLabels
{
    private readonly Dictionary<string, uint> numbers;
    private LabelRef[] labels = new LabelRef[64];

    private SeriesLabels(SymbolTable symbols, Dictionary<string, uint> numbers) =>
        (Symbols, this.numbers) = (symbols, numbers);

    /// <summary>The texts.</summary>
    public SymbolTable Symbols { get; }

    /// <summary>The labels of some texts, each perhaps several times.</summary>
    public static SeriesLabels Of(IReadOnlySet<string> texts)
    {
        var symbols = SymbolTable.Of(texts);
        var numbers = new Dictionary<string, uint>(symbols.Count, StringComparer.Ordinal);
        for (var i = 0u; i < symbols.Count; i++)
        {
            numbers.Add(Encoding.UTF8.GetString(symbols[i]), i);
        }
        return new SeriesLabels(symbols, numbers);
    }

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
            labels[i] = new LabelRef(numbers[set[i].Name], numbers[set[i].Value]);
        }
        return labels.AsSpan(0, set.Length);
    }

    /// <summary>Adds the texts of a series.</summary>
    public static void AddTexts(LabelSet series, HashSet<string> texts)
    {
        foreach (var label in series.Labels)
        {
            texts.Add(label.Name);
            texts.Add(label.Value);
        }
    }
}
