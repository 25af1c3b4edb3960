// SPDX-License-Identifier: GPL-2.0
// The kernel's half of bpfholders: goes over all descriptors and all mappings, and writes those
// whose device and inode are among the registered ones. Compiled with clang -target bpf -O2 -g.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

// As much of the kernel's structures as is read; where the members lie is resolved on loading.
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct super_block
{
    __u32 s_dev;
};
struct inode
{
    unsigned long i_ino;
    struct super_block *i_sb;
};
struct file
{
    struct inode *f_inode;
};
struct task_struct
{
    int tgid;
};
struct vm_area_struct
{
    struct file *vm_file;
};
struct seq_file;
struct bpf_iter_meta
{
    struct seq_file *seq;
};
struct bpf_iter__task_file
{
    struct bpf_iter_meta *meta;
    struct task_struct *task;
    __u32 fd;
    struct file *file;
};
struct bpf_iter__task_vma
{
    struct bpf_iter_meta *meta;
    struct task_struct *task;
    struct vm_area_struct *vma;
};
#pragma clang attribute pop

struct identity
{
    __u64 device;
    __u64 inode;
};

struct
{
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 65536);
    __type(key, struct identity);
    __type(value, __u32);
} registered SEC(".maps");

struct hit
{
    __u32 pid;
    __u32 file;
};

static void look(struct seq_file *out, struct task_struct *task, struct file *file)
{
    struct inode *inode = file->f_inode;
    struct identity key = {inode->i_sb->s_dev, inode->i_ino};
    __u32 *number = bpf_map_lookup_elem(&registered, &key);
    if (!number)
        return;
    struct hit hit = {(__u32)task->tgid, *number};
    bpf_seq_write(out, &hit, sizeof hit);
}

SEC("iter/task_file")
int each_descriptor(struct bpf_iter__task_file *at)
{
    struct task_struct *task = at->task;
    struct file *file = at->file;
    if (task && file)
        look(at->meta->seq, task, file);
    return 0;
}

SEC("iter/task_vma")
int each_mapping(struct bpf_iter__task_vma *at)
{
    struct task_struct *task = at->task;
    struct vm_area_struct *vma = at->vma;
    if (!task || !vma)
        return 0;
    struct file *file = vma->vm_file;
    if (file)
        look(at->meta->seq, task, file);
    return 0;
}

char terms[] SEC("license") = "GPL";
