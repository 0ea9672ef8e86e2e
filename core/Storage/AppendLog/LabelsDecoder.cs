using Tributary.Binary;
using Tributary.Model;

namespace Tributary.Storage.AppendLog;

/// <summary>The symbols, series and lists of one file, as far as it was read.</summary>
internal sealed class LabelsDecoder(SeriesTable table)
{
    private readonly List<string> symbols = [];
    private readonly List<LabelSet> series = [];
    private readonly Dictionary<int, SeriesList> lists = [];
    private readonly Dictionary<long, Label> labels = [];

    /// <summary>Series that the file has named.</summary>
    public int SeriesCount => series.Count;

    /// <summary>Takes the body of a labels record.</summary>
    public void ReadLabels(ref ByteReader input)
    {
        for (var count = input.ReadCount("symbols"); count > 0; count--)
        {
            symbols.Add(input.ReadString());
        }
        Label[] last = [];
        for (var count = input.ReadCount("series"); count > 0; count--)
        {
            last = ReadSeries(ref input, last);
            try
            {
                series.Add(table.Intern(LabelSet.FromSorted(last)));
            }
            catch (ArgumentException exception)
            {
                throw input.Corrupt(exception.Message);
            }
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
        var result = new LabelSet[count];
        var filled = 0;
        var next = 0L;
        for (var runs = input.ReadCount("runs"); runs > 0; runs--)
        {
            var first = next + input.ReadVarint();
            var length = input.ReadUvarint();
            if (length > (ulong)(result.Length - filled) || first < 0 || first > series.Count - (long)length)
            {
                throw input.Corrupt($"run of {length} series from {first}, of {series.Count}");
            }
            series.CopyTo((int)first, result, filled, (int)length);
            filled += (int)length;
            next = first + (long)length;
        }
        if (filled != result.Length)
        {
            throw input.Corrupt($"list has {filled} series of {result.Length}");
        }
        lists[id] = new SeriesList(result);
    }

    /// <summary>A symbol by its number.</summary>
    public string Symbol(ref ByteReader input)
    {
        var number = input.ReadUvarint();
        return number < (ulong)symbols.Count
            ? symbols[(int)number]
            : throw input.Corrupt($"symbol {number} of {symbols.Count}");
    }

    /// <summary>A list by its number.</summary>
    public SeriesList List(ref ByteReader input)
    {
        var number = input.ReadUvarint();
        return number <= int.MaxValue && lists.TryGetValue((int)number, out var list)
            ? list
            : throw input.Corrupt($"no list {number}");
    }

    private Label[] ReadSeries(ref ByteReader input, Label[] last)
    {
        var shared = input.ReadUvarint();
        if (shared > (ulong)last.Length)
        {
            throw input.Corrupt($"{shared} shared labels of {last.Length}");
        }
        var own = input.ReadCount("labels");
        var result = new Label[(int)shared + own];
        last.AsSpan(0, (int)shared).CopyTo(result);
        for (var i = (int)shared; i < result.Length; i++)
        {
            var name = input.ReadUvarint();
            var value = input.ReadUvarint();
            if (name >= (ulong)symbols.Count || value >= (ulong)symbols.Count)
            {
                throw input.Corrupt($"label of symbols {name} and {value}, of {symbols.Count}");
            }
            result[i] = Label((int)name, (int)value);
        }
        return result;
    }

    private Label Label(int name, int value)
    {
        var key = ((long)name << 32) | (uint)value;
        if (!labels.TryGetValue(key, out var label))
        {
            label = table.Labels.Intern(symbols[name], symbols[value]);
            labels.Add(key, label);
        }
        return label;
    }
}
