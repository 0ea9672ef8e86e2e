using System.Runtime.CompilerServices;

namespace Tributary.Stores;

/// <summary>
/// How many operations of each class there were: a value. Parts of an operation are possible, in millionths, because an
/// append that several share is divided between them; their sum is the whole again.
/// </summary>
public readonly struct OperationCounts : IEquatable<OperationCounts>
{
    /// <summary>Parts of one operation.</summary>
    public const int Millionths = 1_000_000;

    /// <summary>The classes of operations, in their order.</summary>
    public static readonly IReadOnlyList<OperationClass> Classes = Enum.GetValues<OperationClass>();

    private const int ClassCount = (int)OperationClass.Create + 1;

    private readonly Values values;

    private OperationCounts(Values values) => this.values = values;

    /// <summary>Operations of a class.</summary>
    public double this[OperationClass operation] => MillionthsOf(operation) / (double)Millionths;

    /// <summary>All operations.</summary>
    public double Total
    {
        get
        {
            var sum = 0L;
            foreach (var value in values)
            {
                sum += value;
            }
            return sum / (double)Millionths;
        }
    }

    /// <summary>Millionths of operations of a class: exact.</summary>
    public long MillionthsOf(OperationClass operation) => values[(int)operation];

    /// <summary>The same with so many millionths of a class more.</summary>
    public OperationCounts With(OperationClass operation, long millionths)
    {
        var sum = values;
        sum[(int)operation] += millionths;
        return new OperationCounts(sum);
    }

    /// <summary>With every number of millionths as a function has it.</summary>
    public OperationCounts Map(Func<long, long> map)
    {
        var mapped = values;
        for (var i = 0; i < ClassCount; i++)
        {
            mapped[i] = map(mapped[i]);
        }
        return new OperationCounts(mapped);
    }

    /// <summary>So many operations of one class.</summary>
    public static OperationCounts Of(OperationClass operation, long count) =>
        default(OperationCounts).With(operation, count * Millionths);

    /// <summary>What a store has counted until now.</summary>
    public static OperationCounts Of(StoreOperations operations)
    {
        var counts = default(OperationCounts);
        foreach (var operation in Classes)
        {
            counts = counts.With(operation, operations[operation] * Millionths);
        }
        return counts;
    }

    /// <summary>Both together.</summary>
    public static OperationCounts operator +(OperationCounts left, OperationCounts right)
    {
        var sum = left.values;
        for (var i = 0; i < ClassCount; i++)
        {
            sum[i] += right.values[i];
        }
        return new OperationCounts(sum);
    }

    /// <summary>What was added since <paramref name="right"/>.</summary>
    public static OperationCounts operator -(OperationCounts left, OperationCounts right)
    {
        var rest = left.values;
        for (var i = 0; i < ClassCount; i++)
        {
            rest[i] -= right.values[i];
        }
        return new OperationCounts(rest);
    }

    /// <summary>Whether all numbers are the same.</summary>
    public static bool operator ==(OperationCounts left, OperationCounts right) => left.Equals(right);

    /// <summary>Whether a number is another.</summary>
    public static bool operator !=(OperationCounts left, OperationCounts right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(OperationCounts other)
    {
        for (var i = 0; i < ClassCount; i++)
        {
            if (values[i] != other.values[i])
            {
                return false;
            }
        }
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is OperationCounts other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var value in values)
        {
            hash.Add(value);
        }
        return hash.ToHashCode();
    }

    /// <summary>The classes and their numbers, without those that are 0.</summary>
    public override string ToString()
    {
        var self = this;
        return string.Join(
            ", ",
            Classes
                .Where(operation => self.MillionthsOf(operation) != 0)
                .Select(operation => FormattableString.Invariant($"{operation} {self[operation]}"))
        );
    }

    [InlineArray(ClassCount)]
    private struct Values
    {
#pragma warning disable IDE0044, IDE0051 // The runtime repeats this field.
        private long first;
#pragma warning restore IDE0044, IDE0051
    }
}
