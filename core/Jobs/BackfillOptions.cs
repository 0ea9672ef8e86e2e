namespace Tributary.Jobs;

/// <summary>Which gaps are filled.</summary>
/// <param name="MaxAge"><c>tributary.backfill.max_age</c>: what is older is given up.</param>
/// <param name="Window"><c>out_of_order_time_window</c>: samples that are older are not accepted.</param>
/// <param name="Retention">How long samples are kept; null for ever.</param>
public sealed record BackfillOptions(TimeSpan MaxAge, TimeSpan Window, TimeSpan? Retention);
