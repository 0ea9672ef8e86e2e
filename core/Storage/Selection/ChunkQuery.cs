using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Storage.Selection;

/// <summary>Which chunks are wanted.</summary>
/// <param name="Matchers">What the series satisfy, all of it.</param>
/// <param name="Range">The time.</param>
internal sealed record ChunkQuery(IReadOnlyList<LabelMatcher> Matchers, TimeRange Range);

/// <summary>The series of a query with their chunks, all in memory.</summary>
/// <param name="Series">The series, in the order of their labels, each once.</param>
/// <param name="Warnings">What is not in them although it should be, for people.</param>
internal sealed record ChunkSelection(SelectedChunks[] Series, IReadOnlyList<string> Warnings);
