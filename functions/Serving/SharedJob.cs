using Tributary.Configuration;

namespace Tributary.Functions.Serving;

/// <summary>A job that is done at the end of Collect's invocations.</summary>
/// <param name="Name">The name of its function.</param>
/// <param name="Schedule">Its times.</param>
/// <param name="RunAsync">Does what is due, in so much time. Does not throw.</param>
internal sealed record SharedJob(string Name, CrontabSchedule Schedule, Func<TimeSpan, Task<JobOutcome>> RunAsync);
