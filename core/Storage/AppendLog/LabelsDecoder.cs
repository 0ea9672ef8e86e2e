using Tributary.Binary;
using Tributary.Model;

namespace Tributary.Storage.AppendLog;

/// <summary>The symbols, series and lists of one file, as far as it was read; who keeps them decides in which form.</summary>
internal abstract class LabelsDecoder
{
    private readonly List<(int First, int Length)> runs = [];
    private (uint Name, uint Value)[] last = [];

    /// <summary>Series that the file has named.</summary>
    public abstract int SeriesCount { get; }

    /// <summary>Whether they were read before: then records of labels can be passed over.</summary>
    public virtual bool KnowsLabels => false;

    /// <summary>Symbols that the file has named.</summary>
    protected abstract int SymbolCount { get; }

    /// <summary>Takes the body of a labels record.</summary>
    public void ReadLabels(ref ByteReader input)
    {
        for (var count = input.ReadCount("symbols"); count > 0; count--)
        {
            AddSymbol(input.ReadBytes(input.ReadCount("bytes of text")));
        }
        var length = 0;
        for (var count = input.ReadCount("series"); count > 0; count--)
        {
            var shared = input.ReadUvarint();
            if (shared > (ulong)length)
            {
                throw input.Corrupt($"{shared} shared labels of {length}");
            }
            length = (int)shared + input.ReadCount("labels");
            if (last.Length < length)
            {
                Array.Resize(ref last, length);
            }
            for (var i = (int)shared; i < length; i++)
            {
                var name = input.ReadUvarint();
                var value = input.ReadUvarint();
                if (name >= (ulong)SymbolCount || value >= (ulong)SymbolCount)
                {
                    throw input.Corrupt($"label of symbols {name} and {value}, of {SymbolCount}");
                }
                last[i] = ((uint)name, (uint)value);
            }
            AddSeries(ref input, (int)shared, last.AsSpan(0, length));
        }
    }

    /// <summary>Takes the body of a list record.</summary>
    public void ReadList(ref ByteReader input)
    {
        var id = checked((int)Math.Min(input.ReadUvarint(), int.MaxValue));
        var count = input.ReadUvarint();
        if (count > LogFormat.MaxPositions)
        {
            throw input.Corrupt($"list of {count} series");
        }
        runs.Clear();
        var filled = 0UL;
        var next = 0L;
        for (var left = input.ReadCount("runs"); left > 0; left--)
        {
            var first = next + input.ReadVarint();
            var length = input.ReadUvarint();
            if (length > count - filled || first < 0 || first > SeriesCount - (long)length)
            {
                throw input.Corrupt($"run of {length} series from {first}, of {SeriesCount}");
            }
            runs.Add(((int)first, (int)length));
            filled += length;
            next = first + (long)length;
        }
        if (filled != count)
        {
            throw input.Corrupt($"list has {filled} series of {count}");
        }
        AddList(id, (int)count, runs);
    }

    /// <summary>A symbol by its number.</summary>
    public string Symbol(ref ByteReader input)
    {
        var number = input.ReadUvarint();
        return number < (ulong)SymbolCount
            ? TextOf((int)number)
            : throw input.Corrupt($"symbol {number} of {SymbolCount}");
    }

    /// <summary>A list by its number.</summary>
    public SeriesList List(ref ByteReader input)
    {
        var number = input.ReadUvarint();
        return number <= int.MaxValue && TryGetList((int)number, out var list)
            ? list
            : throw input.Corrupt($"no list {number}");
    }

    /// <summary>Takes the next symbol, UTF-8.</summary>
    protected abstract void AddSymbol(ReadOnlySpan<byte> text);

    /// <summary>Takes the next series.</summary>
    /// <param name="input">For errors.</param>
    /// <param name="shared">So many of its first labels are those of the series before.</param>
    /// <param name="labels">Its labels by the numbers of their symbols in the file.</param>
    protected abstract void AddSeries(ref ByteReader input, int shared, ReadOnlySpan<(uint Name, uint Value)> labels);

    /// <summary>Takes a list, perhaps under a number that another one had.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="count">Its positions.</param>
    /// <param name="series">Runs of series that follow one another; valid during the call.</param>
    protected abstract void AddList(int id, int count, IReadOnlyList<(int First, int Length)> series);

    /// <summary>A symbol that the file has named.</summary>
    protected abstract string TextOf(int symbol);

    /// <summary>A list that the file has named.</summary>
    protected abstract bool TryGetList(int id, out SeriesList list);
}
