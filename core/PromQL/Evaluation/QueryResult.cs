using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Evaluation;

/// <summary>The answer to a query, by columns.</summary>
internal sealed record QueryResult
{
    /// <summary>The form: matrix, vector, scalar (one series without labels) or string.</summary>
    public required ExpressionType Type { get; init; }

    /// <summary>The steps that values stand at; one step for an instant query.</summary>
    public required StepGrid Grid { get; init; }

    /// <summary>
    /// The series, none without a value. A matrix is sorted by labels; a vector has the order of evaluation, as in
    /// Prometheus. Label sets are unique.
    /// </summary>
    public IReadOnlyList<ResultSeries> Series { get; init; } = [];

    /// <summary>The text of a string.</summary>
    public string? Text { get; init; }

    /// <summary>What is wrong with the answer: a hint that it is not what was meant, or not whole.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Smaller hints.</summary>
    public IReadOnlyList<string> Infos { get; init; } = [];

    /// <summary>What it took.</summary>
    public required QueryStatistics Statistics { get; init; }
}

/// <summary>One series of an answer.</summary>
/// <param name="Labels">What it is called.</param>
/// <param name="Values">
/// By step of the grid, with <see cref="Absent"/> where there is nothing; by <paramref name="Times"/> if there are some.
/// </param>
/// <param name="Histograms">By the same positions; where it is not null, it counts and not the float. Null: all floats.</param>
/// <param name="Times">
/// Only for a range vector of an instant query: the samples' own times in milliseconds, as many as there are samples.
/// </param>
internal sealed record ResultSeries(
    LabelSet Labels,
    ReadOnlyMemory<double> Values,
    ReadOnlyMemory<Histogram?>? Histograms = null,
    ReadOnlyMemory<long>? Times = null
);
