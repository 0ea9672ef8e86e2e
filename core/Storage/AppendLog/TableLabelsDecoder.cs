using System.Text;
using Tributary.Binary;
using Tributary.Model;

namespace Tributary.Storage.AppendLog;

/// <summary>Keeps series as shared label sets of a table: for all who want the labels at hand.</summary>
internal sealed class TableLabelsDecoder(SeriesTable table) : LabelsDecoder
{
    private readonly List<string> symbols = [];
    private readonly List<LabelSet> series = [];
    private readonly Dictionary<int, SeriesList> lists = [];
    private readonly Dictionary<long, Label> labels = [];
    private Label[] last = [];

    /// <inheritdoc/>
    public override int SeriesCount => series.Count;

    /// <inheritdoc/>
    protected override int SymbolCount => symbols.Count;

    /// <inheritdoc/>
    protected override void AddSymbol(ReadOnlySpan<byte> text) => symbols.Add(Encoding.UTF8.GetString(text));

    /// <inheritdoc/>
    protected override void AddSeries(ref ByteReader input, int shared, ReadOnlySpan<(uint Name, uint Value)> labels)
    {
        var result = new Label[labels.Length];
        last.AsSpan(0, shared).CopyTo(result);
        for (var i = shared; i < result.Length; i++)
        {
            result[i] = LabelOf(labels[i].Name, labels[i].Value);
        }
        last = result;
        try
        {
            series.Add(table.Intern(LabelSet.FromSorted(result)));
        }
        catch (ArgumentException exception)
        {
            throw input.Corrupt(exception.Message);
        }
    }

    /// <inheritdoc/>
    protected override void AddList(int id, int count, IReadOnlyList<(int First, int Length)> runs)
    {
        var result = new LabelSet[count];
        var filled = 0;
        foreach (var (first, length) in runs)
        {
            series.CopyTo(first, result, filled, length);
            filled += length;
        }
        lists[id] = new SeriesList(result);
    }

    /// <inheritdoc/>
    protected override string TextOf(int symbol) => symbols[symbol];

    /// <inheritdoc/>
    protected override bool TryGetList(int id, out SeriesList list) => lists.TryGetValue(id, out list!);

    private Label LabelOf(uint name, uint value)
    {
        var key = ((long)name << 32) | value;
        if (!labels.TryGetValue(key, out var label))
        {
            label = table.Labels.Intern(symbols[(int)name], symbols[(int)value]);
            labels.Add(key, label);
        }
        return label;
    }
}
