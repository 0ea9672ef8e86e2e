using Tributary.Binary;
using Tributary.Model;

namespace Tributary.Storage.AppendLog;

/// <summary>The symbols and series of one file: numbers them in the order of their first use, and writes the new ones.</summary>
internal sealed class LabelsEncoder
{
    private readonly Dictionary<string, int> symbols = new(StringComparer.Ordinal);
    private readonly Dictionary<LabelSet, int> series = [];
    private readonly ByteWriter newSymbols = new();
    private readonly ByteWriter newSeries = new();
    private int newSymbolCount;
    private int newSeriesCount;
    private LabelSet last = LabelSet.Empty;

    /// <summary>Raw bytes that wait to be written.</summary>
    public int PendingBytes => newSymbols.Length + newSeries.Length;

    /// <summary>The number of a symbol; a new one waits to be written.</summary>
    public int Symbol(string text)
    {
        if (!symbols.TryGetValue(text, out var number))
        {
            number = symbols.Count;
            symbols.Add(text, number);
            newSymbols.WriteString(text);
            newSymbolCount++;
        }
        return number;
    }

    /// <summary>The number of a series; a new one waits to be written.</summary>
    public int Series(LabelSet labels)
    {
        if (!series.TryGetValue(labels, out var number))
        {
            number = series.Count;
            series.Add(labels, number);
            WriteSeries(labels);
        }
        return number;
    }

    /// <summary>Writes the body of a labels record with all that waits.</summary>
    public void WritePending(ByteWriter output)
    {
        output.WriteUvarint((ulong)newSymbolCount);
        output.WriteBytes(newSymbols.WrittenSpan);
        output.WriteUvarint((ulong)newSeriesCount);
        output.WriteBytes(newSeries.WrittenSpan);
        newSymbols.Clear();
        newSeries.Clear();
        newSymbolCount = 0;
        newSeriesCount = 0;
        last = LabelSet.Empty;
    }

    private void WriteSeries(LabelSet labels)
    {
        var own = labels.Labels;
        var shared = own.CommonPrefixLength(last.Labels);
        newSeries.WriteUvarint((ulong)shared);
        newSeries.WriteUvarint((ulong)(own.Length - shared));
        foreach (var label in own[shared..])
        {
            newSeries.WriteUvarint((ulong)Symbol(label.Name));
            newSeries.WriteUvarint((ulong)Symbol(label.Value));
        }
        last = labels;
        newSeriesCount++;
    }
}
