using Tributary.PromQL.Columns;

namespace Tributary.PromQL.Evaluation;

/// <summary>Computes a vector from series that are in memory.</summary>
internal delegate ColumnStream VectorPlan(QueryRun run);

/// <summary>Computes a scalar at all steps.</summary>
internal delegate double[] ScalarPlan(QueryRun run);
