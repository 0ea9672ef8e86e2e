using System.Numerics;

namespace Tributary.Storage.Indexes;

/// <summary>Set operations over sorted arrays of series references.</summary>
internal static class PostingsLists
{
    /// <summary>Above so many postings a union is made in a bitmap.</summary>
    private const int BitmapFrom = 2048;

    /// <summary>What is in both.</summary>
    public static uint[] Intersect(ReadOnlySpan<uint> left, ReadOnlySpan<uint> right)
    {
        if (left.Length > right.Length)
        {
            var swap = left;
            left = right;
            right = swap;
        }
        var result = new uint[left.Length];
        var count = 0;
        if (right.Length / 16 > left.Length)
        {
            foreach (var item in left)
            {
                right = right[SkipBelow(right, item)..];
                if (right.Length > 0 && right[0] == item)
                {
                    result[count++] = item;
                }
            }
        }
        else
        {
            var (i, j) = (0, 0);
            while (i < left.Length && j < right.Length)
            {
                var (a, b) = (left[i], right[j]);
                if (a == b)
                {
                    result[count++] = a;
                }
                i += a <= b ? 1 : 0;
                j += b <= a ? 1 : 0;
            }
        }
        return Trim(result, count);
    }

    /// <summary>What is in the left one and not in the right one.</summary>
    public static uint[] Except(ReadOnlySpan<uint> left, ReadOnlySpan<uint> right)
    {
        var result = new uint[left.Length];
        var count = 0;
        foreach (var item in left)
        {
            right = right[SkipBelow(right, item)..];
            if (right.Length == 0 || right[0] != item)
            {
                result[count++] = item;
            }
        }
        return Trim(result, count);
    }

    /// <summary>What is in any of them.</summary>
    public static uint[] Union(IReadOnlyList<uint[]> lists)
    {
        if (lists.Count <= 1)
        {
            return lists.Count == 0 ? [] : lists[0];
        }
        long total = 0;
        var (least, greatest) = (uint.MaxValue, 0u);
        foreach (var list in lists)
        {
            if (list.Length > 0)
            {
                total += list.Length;
                least = Math.Min(least, list[0]);
                greatest = Math.Max(greatest, list[^1]);
            }
        }
        return total == 0 ? []
            : total > BitmapFrom && (greatest - least) / 64 <= total ? UnionByBitmap(lists, least, greatest)
            : UnionBySort(lists, checked((int)total));
    }

    private static uint[] UnionBySort(IReadOnlyList<uint[]> lists, int total)
    {
        var all = new uint[total];
        var from = 0;
        foreach (var list in lists)
        {
            list.CopyTo(all, from);
            from += list.Length;
        }
        Array.Sort(all);
        var count = 0;
        foreach (var item in all)
        {
            if (count == 0 || all[count - 1] != item)
            {
                all[count++] = item;
            }
        }
        return Trim(all, count);
    }

    private static uint[] UnionByBitmap(IReadOnlyList<uint[]> lists, uint least, uint greatest)
    {
        var bits = new ulong[((greatest - least) / 64) + 1];
        foreach (var list in lists)
        {
            foreach (var item in list)
            {
                bits[(item - least) >> 6] |= 1UL << (int)(item - least);
            }
        }
        var count = 0;
        foreach (var word in bits)
        {
            count += BitOperations.PopCount(word);
        }
        var result = new uint[count];
        count = 0;
        for (var i = 0; i < bits.Length; i++)
        {
            for (var word = bits[i]; word != 0; word &= word - 1)
            {
                result[count++] = least + ((uint)i << 6) + (uint)BitOperations.TrailingZeroCount(word);
            }
        }
        return result;
    }

    /// <summary>How many items lie below a value; looks near the beginning first.</summary>
    private static int SkipBelow(ReadOnlySpan<uint> list, uint value)
    {
        var reach = 1;
        while (reach < list.Length && list[reach - 1] < value)
        {
            reach *= 2;
        }
        var at = list[..Math.Min(reach, list.Length)].BinarySearch(value);
        return at >= 0 ? at : ~at;
    }

    private static uint[] Trim(uint[] items, int count)
    {
        if (items.Length != count)
        {
            Array.Resize(ref items, count);
        }
        return items;
    }
}
