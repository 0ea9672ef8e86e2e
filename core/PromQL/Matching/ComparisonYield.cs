namespace Tributary.PromQL.Matching;

/// <summary>What a comparison yields where it holds.</summary>
internal enum ComparisonYield
{
    /// <summary>The left value; nothing where it does not hold.</summary>
    Left,

    /// <summary>The right value; nothing where it does not hold.</summary>
    Right,

    /// <summary>1, and 0 where it does not hold.</summary>
    Bool,
}
