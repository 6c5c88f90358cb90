#include "svc/process_metrics.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void set(cat_metrics *metrics, cat_metric_kind kind, const char *name, const char *help, double value)
{
    cat_metric_set(cat_metric_get(metrics, kind, name, help, NULL), value, NULL);
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static size_t open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;
    if (!folder)
        return 0;
    for (const struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count > 0 ? count - 1 : 0; /* the folder's own */
}

void cat_process_metrics_update(cat_metrics *metrics)
{
    struct rusage usage;
    struct rlimit limit;
    unsigned long long total_pages = 0, resident_pages = 0;
    double page = (double)sysconf(_SC_PAGESIZE);
    FILE *statm = fopen("/proc/self/statm", "re");
    if (statm && fscanf(statm, "%llu %llu", &total_pages, &resident_pages) == 2) {
        set(metrics, CAT_METRIC_GAUGE, "process_virtual_memory_bytes", "Virtual memory.", (double)total_pages * page);
        set(metrics, CAT_METRIC_GAUGE, "process_resident_memory_bytes", "Resident memory.", (double)resident_pages * page);
    }
    if (statm)
        fclose(statm);
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        set(metrics, CAT_METRIC_COUNTER, "process_cpu_seconds_total", "Processor time, user and system.",
            seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        set(metrics, CAT_METRIC_GAUGE, "process_max_fds", "Most files that may be open.", (double)limit.rlim_cur);
    set(metrics, CAT_METRIC_GAUGE, "process_open_fds", "Open files.", (double)open_files());
}
